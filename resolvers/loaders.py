"""The DataLoaders of one operation, named by what they return.

Each gathers the customers asked for in one turn of the event loop and reads them with one statement, so the
number of statements does not depend on how many customers an answer holds. Loaders that take arguments are
made once for each set of arguments.
"""

from asyncio import Future, shield
from collections.abc import Awaitable, Callable, Sequence
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

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")

_BATCH = 500  # customers in one statement


class Loaders:
    """Every loader of one operation; made inside the running event loop.

    What only analytics ask for is read by `replica_reader`, and may be a moment older than the rest.
    """

    def __init__(self, reader: Reader, replica_reader: Reader, today: date) -> None:
        self._reader = reader
        self.customer: DataLoader[int, Customer | None] = loader(
            lambda ids: customers_by_id(reader, ids, today)
        )
        self.packages: DataLoader[int, list[PackagePurchase]] = loader(
            lambda ids: packages_by_customer(reader, ids, today)
        )
        self.completed_sessions: DataLoader[int, list[CompletedSession]] = loader(
            lambda ids: completed_sessions(replica_reader, ids, today)
        )
        self.preferences: DataLoader[int, Preferences | None] = loader(
            partial(preferences_by_customer, reader)
        )
        self.payments: DataLoader[int, list[Payment]] = loader(partial(payments_by_customer, replica_reader))
        self.sessions_bought: DataLoader[int, int] = loader(
            lambda ids: sessions_bought(replica_reader, ids, today)
        )
        self.measurements: DataLoader[int, list[Measurement]] = loader(
            partial(measurements_by_customer, replica_reader)
        )
        self.answers: DataLoader[int, list[Answer]] = loader(partial(answers_by_customer, replica_reader))
        self.services_offered: DataLoader[str, ServiceOffered | None] = loader(
            partial(services_offered, reader)
        )
        self._session_pages: dict[SessionFilter, DataLoader[int, SessionPage]] = {}
        self._session_counts: dict[SessionFilter, DataLoader[int, int]] = {}

    def session_page(self, wanted: SessionFilter) -> DataLoader[int, SessionPage]:
        """Return the loader of one page of a customer's service history."""
        if wanted not in self._session_pages:
            self._session_pages[wanted] = loader(lambda ids: session_pages(self._reader, ids, wanted))
        return self._session_pages[wanted]

    def session_count(self, wanted: SessionFilter) -> DataLoader[int, int]:
        """Return the loader of how many sessions of a customer match, whatever the page."""
        unpaged = wanted.without_page()
        if unpaged not in self._session_counts:
            self._session_counts[unpaged] = loader(lambda ids: session_counts(self._reader, ids, unpaged))
        return self._session_counts[unpaged]


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
