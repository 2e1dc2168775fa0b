"""What lives as long as one operation: who asks, which day it is, what was fitted, and the loaders."""

from datetime import date
from functools import cache

from aiodataloader import DataLoader

from access import Capability, FieldClass, Verdict, Viewer, may, verdict
from db.engine import Database, Reader
from db.queries.recommendations import StoredSet
from db.replica import Replica
from db.search import CustomerCounts
from insight.recommend.opening_hours import OpeningHours
from insight.recommend.records import Basis
from insight.shortfalls import Shortfall
from resolvers.cache import FreshRows, RowCache
from resolvers.cursors import Cursors
from resolvers.disclosure import Disclosures
from resolvers.errors import NotAllowed
from resolvers.estimates import Estimates
from resolvers.explain import AccessExplainer
from resolvers.loaders import Loaders, loader
from resolvers.models import Models
from resolvers.recommendation_making import RecommendationMaker
from resolvers.recommendation_sets import RecommendationSets


class OperationContext:
    """The context of one operation.

    `today` is the day in Asia/Seoul, and `models` what was newest when it began: the same for every field.
    `hours` are the center's opening hours. Rows are read through `cache`: `FreshRows` for what writes.
    `replica_reader` reads what may be a moment old, from the replica where there is one; without one, and in
    an operation that writes, it is `reader`.
    """

    loaders: Loaders
    recommendation_sets: DataLoader[int, StoredSet]
    lifetime_values: DataLoader[int, int | Shortfall]
    compliances: DataLoader[int, int | Shortfall]

    def __init__(  # noqa: PLR0913 - all that an answer may depend on
        self,
        *,
        viewer: Viewer,
        database: Database,
        cache: RowCache,
        replica: Replica | None,
        today: date,
        models: Models,
        hours: OpeningHours,
        explainer: AccessExplainer,
        cursors: Cursors,
        counts: CustomerCounts,
    ) -> None:
        self.viewer = viewer
        self.verdicts = {field_class: verdict(viewer, field_class) for field_class in FieldClass}
        self.disclosures = Disclosures()
        self.today = today
        self.models = models
        self.hours = hours
        self.database = database
        self.explainer = explainer
        self.cursors = cursors
        self.counts = counts
        self.reader = Reader(database)
        self.replica_reader = self.reader if replica is None else self.reader.through(replica)
        self._cache = cache
        self._make_loaders()

    @property
    def sees_health(self) -> bool:
        """Whether health data may have a say in what the viewer is answered."""
        return self.verdicts[FieldClass.HEALTH] is Verdict.VALUE

    def require(self, capability: Capability) -> None:
        """Go on only if the viewer has the capability.

        Raises:
            NotAllowed: the viewer's role lacks it.
        """
        if not may(self.viewer, capability):
            raise NotAllowed(capability)

    def forget(self, customer_id: int) -> None:
        """Drop what was loaded, here and of the customer for everybody, after a write made it old."""
        self._cache.drop(customer_id)
        self._make_loaders()

    def _make_loaders(self) -> None:
        self.loaders = Loaders(self.reader, self.replica_reader, self.today, self._cache)
        basis = Basis.FULL if self.sees_health else Basis.WITHOUT_HEALTH

        @cache
        def sets() -> RecommendationSets:
            # a set is stored as one of the newest rows, so it must not be made from older ones
            newest = Loaders(self.reader, self.reader, self.today, FreshRows(self._cache))
            maker = RecommendationMaker(newest, self.reader, self.models, self.hours, self.today)
            return RecommendationSets(self.database, self.reader, maker, basis)

        # most operations ask for no recommendations, and need no second set of loaders
        self.recommendation_sets = loader(lambda ids: sets().of(ids))
        estimates = Estimates(self.loaders, self.models, self.today)
        self.lifetime_values = loader(estimates.lifetime_values)
        self.compliances = loader(estimates.compliances)
