"""The sets of recommendations that customers have: read where they are stored, else made and stored.

Whoever asks first makes the set for everybody who sees as much, until it expires or the customer's own rows
change. There is one set that health data has a say in, and one that never depends on it.
"""

from collections.abc import Mapping, Sequence

from db.engine import Database, Reader
from db.queries.recommendations import StoredSet, current_sets
from db.recommendations import MadeSet, store_sets
from insight.recommend.records import Basis
from resolvers.errors import CustomerNotFound, DomainError, InsufficientData, ModelsNotReady
from resolvers.recommendation_making import RecommendationMaker
from resolvers.stored_recommendations import rows_of


class RecommendationSets:
    """Answers for many customers at once with the sets of one basis."""

    def __init__(self, database: Database, reader: Reader, maker: RecommendationMaker, basis: Basis) -> None:
        self._database = database
        self._reader = reader
        self._maker = maker
        self._basis = basis

    async def of(self, ids: Sequence[int]) -> list[StoredSet | DomainError]:
        """Return the current set of each customer, or why there is none, in the order of `ids`."""
        current = dict(zip(ids, await current_sets(self._reader, ids, self._basis), strict=True))
        sets = {one: state.stored for one, state in current.items() if state and state.stored}
        versions = {one: state.inputs_version for one, state in current.items() if state and not state.stored}
        if versions and self._maker.model_version is not None:
            sets |= await self._made(versions, self._maker.model_version)
        return [
            CustomerNotFound(one) if current[one] is None else sets.get(one) or self._missing(one)
            for one in ids
        ]

    def _missing(self, customer_id: int) -> DomainError:
        return ModelsNotReady() if self._maker.model_version is None else InsufficientData(customer_id)

    async def _made(self, versions: Mapping[int, str], model_version: str) -> Mapping[int, StoredSet]:
        """Make and store a set for each customer, each from rows of its version or newer.

        A set of rows that changed in between is not found again, and so made anew.
        """
        recommended = await self._maker.make(list(versions), self._basis)
        made = [
            MadeSet(one, versions[one], model_version, rows_of(recommendations))
            for one, recommendations in recommended.items()
            if recommendations
        ]
        if not made:
            return {}
        async with self._database.transaction() as connection:
            return await store_sets(connection, self._basis, made)
