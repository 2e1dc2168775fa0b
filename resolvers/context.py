"""What lives as long as one operation: who asks, which day it is, and the loaders."""

from datetime import date

from access import Capability, Viewer
from access.policy import ROLES_WITH
from db.engine import Database, Reader
from resolvers.errors import NotAllowed
from resolvers.loaders import Loaders


class OperationContext:
    """The context of one operation. `today` is the day in Asia/Seoul, the same for every field."""

    def __init__(self, *, viewer: Viewer, database: Database, today: date) -> None:
        self.viewer = viewer
        self.today = today
        self.database = database
        self.reader = Reader(database)
        self.loaders = Loaders(self.reader, today)

    def require(self, capability: Capability) -> None:
        """Go on only if the viewer has the capability.

        Raises:
            NotAllowed: the viewer's role lacks it.
        """
        if self.viewer.role not in ROLES_WITH[capability]:
            raise NotAllowed(capability)

    def forget(self) -> None:
        """Drop what was loaded, after a write made it old."""
        self.loaders = Loaders(self.reader, self.today)
