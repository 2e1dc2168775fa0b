"""The DataLoaders of one operation, named by what they return.

Each gathers the customers asked for in one turn of the event loop and reads them with one statement, so the
number of statements does not depend on how many customers an answer holds. What the domain cache keeps is not
read at all. Loaders that take arguments are made once for each set of arguments.
"""

from asyncio import Future, shield
from collections.abc import Awaitable, Callable, Hashable, Sequence
from datetime import date
from functools import partial
from typing import Any, TypeVar

from aiodataloader import DataLoader

from db.engine import Reader
from db.queries.activity import CompletedSession, completed_sessions
from db.queries.answers import Answer, answers_by_customer
from db.queries.catalogue import ServiceOffered, services_offered
from db.queries.customers import Customer, customers_by_id
from db.queries.measurements import Measurement, measurements_by_customer
from db.queries.packages import PackagePurchase, packages_by_customer
from db.queries.payments import Payment, payments_by_customer
from db.queries.preferences import Preferences, preferences_by_customer
from db.queries.sessions import SessionFilter, SessionPage, session_counts, session_pages
from db.queries.sessions_bought import sessions_bought
from resolvers.cache import Fetch, RowCache, RowKind

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")

_BATCH = 500  # customers in one statement
_DETAIL = 5 * 60  # seconds that the contract lets a customer's details be cached
_ANALYTICS = 60 * 60  # and what analytics are computed from


class Loaders:
    """Every loader of one operation; made inside the running event loop.

    What only analytics ask for is read by `replica_reader`, and may be a moment older than the rest.
    """

    def __init__(self, reader: Reader, replica_reader: Reader, today: date, cache: RowCache) -> None:
        self._reader = reader
        self._today = today
        self._cache = cache
        self.customer: DataLoader[int, Customer | None] = self._kept(
            "customer", _DETAIL, lambda ids: customers_by_id(reader, ids, today)
        )
        self.packages: DataLoader[int, list[PackagePurchase]] = self._kept(
            "packages", _DETAIL, lambda ids: packages_by_customer(reader, ids, today)
        )
        self.preferences: DataLoader[int, Preferences | None] = self._kept(
            "preferences", _DETAIL, partial(preferences_by_customer, reader)
        )
        self.completed_sessions: DataLoader[int, list[CompletedSession]] = self._kept(
            "completed_sessions", _ANALYTICS, lambda ids: completed_sessions(replica_reader, ids, today)
        )
        self.payments: DataLoader[int, list[Payment]] = self._kept(
            "payments", _ANALYTICS, partial(payments_by_customer, replica_reader)
        )
        self.sessions_bought: DataLoader[int, int] = self._kept(
            "sessions_bought", _ANALYTICS, lambda ids: sessions_bought(replica_reader, ids, today)
        )
        self.measurements: DataLoader[int, list[Measurement]] = self._kept(
            "measurements", _ANALYTICS, partial(measurements_by_customer, replica_reader)
        )
        self.answers: DataLoader[int, list[Answer]] = self._kept(
            "answers", _ANALYTICS, partial(answers_by_customer, replica_reader)
        )
        self.services_offered: DataLoader[str, ServiceOffered | None] = loader(
            partial(services_offered, reader)
        )
        self._session_pages: dict[SessionFilter, DataLoader[int, SessionPage]] = {}
        self._session_counts: dict[SessionFilter, DataLoader[int, int]] = {}

    def session_page(self, wanted: SessionFilter) -> DataLoader[int, SessionPage]:
        """Return the loader of one page of a customer's service history."""
        if wanted not in self._session_pages:
            self._session_pages[wanted] = self._kept(
                "session_page", _DETAIL, lambda ids: session_pages(self._reader, ids, wanted), wanted
            )
        return self._session_pages[wanted]

    def session_count(self, wanted: SessionFilter) -> DataLoader[int, int]:
        """Return the loader of how many sessions of a customer match, whatever the page."""
        unpaged = wanted.without_page()
        if unpaged not in self._session_counts:
            self._session_counts[unpaged] = self._kept(
                "session_count", _DETAIL, lambda ids: session_counts(self._reader, ids, unpaged), unpaged
            )
        return self._session_counts[unpaged]

    def _kept(
        self, name: str, seconds: float, fetch: Fetch[_Value], arguments: Hashable = None
    ) -> DataLoader[int, _Value]:
        """Return a loader that reads through the cache, where its values may stay for so long."""
        kind = RowKind(name, self._today, seconds, arguments)
        return loader(lambda ids: self._cache.read(kind, ids, fetch))


def loader(
    batch: Callable[[list[_Key]], Awaitable[Sequence[_Value | Exception]]],
) -> DataLoader[_Key, _Value]:
    """Return a loader that reads many keys at once; `batch` answers in the order of the keys."""

    async def load(keys: list[_Key]) -> list[Any]:
        return list(await batch(keys))

    return _SharedLoader(load, max_batch_size=_BATCH)


class _SharedLoader(DataLoader[_Key, _Value]):
    """A DataLoader that one reader's end does not spoil for the others.

    Fields wait for one future a key. When a field fails, graphql-core cancels those beside it, and a
    cancelled reader would take the future with it, from every other field that waits for the same customer.
    """

    def load(self, key: _Key) -> Future[_Value]:
        return shield(super().load(key))
