"""Totals, remembered for a moment and counted once for all who ask meanwhile."""

from asyncio import Lock
from datetime import date
from weakref import WeakValueDictionary

from cachetools import TTLCache

from db.engine import Reader
from db.search.filters import CustomerFilter
from db.search.lists import count_customers
from db.search.plan import Search

SECONDS = 1.5
"""How old a total may be: who turns pages is told one total, and hardly an old one."""

_FILTERS = 1000  # totals remembered at most

_Question = tuple[CustomerFilter, date]


class CustomerCounts:
    """The totals of lists of customers, for all operations of a process."""

    def __init__(self) -> None:
        self._known: TTLCache[_Question, int] = TTLCache(_FILTERS, SECONDS)
        self._asking: WeakValueDictionary[_Question, Lock] = WeakValueDictionary()

    async def count(self, reader: Reader, search: Search) -> int:
        """Return how many customers match, at most `SECONDS` ago.

        Whoever comes first counts; should that fail, or end early, the next one does.
        """
        question = search.wanted, search.today
        lock = self._asking.setdefault(question, Lock())
        async with lock:
            known = self._known.get(question)
            if known is None:
                known = self._known[question] = await count_customers(reader, search)
            return known

    def forget(self) -> None:
        """Count anew: somebody changed a customer here."""
        self._known.clear()
