"""What lives as long as one operation: who asks, which day it is, and the loaders."""

from datetime import date

from access import Capability, FieldClass, Viewer, may, verdict
from db.engine import Database, Reader
from resolvers.disclosure import Disclosures
from resolvers.errors import NotAllowed
from resolvers.explain import AccessExplainer
from resolvers.loaders import Loaders
from resolvers.models import Models


class OperationContext:
    """The context of one operation.

    `today` is the day in Asia/Seoul, and `models` what was newest when it began: the same for every field.
    """

    def __init__(
        self, *, viewer: Viewer, database: Database, today: date, models: Models, explainer: AccessExplainer
    ) -> None:
        self.viewer = viewer
        self.verdicts = {field_class: verdict(viewer, field_class) for field_class in FieldClass}
        self.disclosures = Disclosures()
        self.today = today
        self.models = models
        self.database = database
        self.explainer = explainer
        self.reader = Reader(database)
        self.loaders = Loaders(self.reader, today)

    def require(self, capability: Capability) -> None:
        """Go on only if the viewer has the capability.

        Raises:
            NotAllowed: the viewer's role lacks it.
        """
        if not may(self.viewer, capability):
            raise NotAllowed(capability)

    def forget(self) -> None:
        """Drop what was loaded, after a write made it old."""
        self.loaders = Loaders(self.reader, self.today)
