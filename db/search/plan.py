"""How to look: rare text by its grams, common text by comparing while a list is walked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from db.engine import Reader
from db.search.filters import CustomerFilter, conditions_of
from db.search.statements import Statement, estimate_of, gram_statement
from db.search.words import TEXT_CONDITIONS

COMMON_TEXT = 20_000
"""Customers; whoever has a text that more have is found sooner by walking than by gathering all of them."""


@dataclass(frozen=True, slots=True)
class Search:
    """A filter on a day, with the conditions that it means and their values; and how to look for text."""

    wanted: CustomerFilter
    today: date
    conditions: frozenset[str]
    values: Mapping[str, Any]
    by_grams: bool

    async def fetch_number(self, reader: Reader, statement: Statement) -> int:
        """Run a statement that counts."""
        text, constants = statement
        rows = await reader.fetch(text, {**constants, **self.values})
        return rows[0][0]


async def prepare_search(reader: Reader, wanted: CustomerFilter, today: date) -> Search:
    """Return the search for a filter; where it has text the planner is asked how common that is."""
    chosen = conditions_of(wanted, today)
    values = {name: value for each in chosen.values() for name, value in each.items()}
    conditions = frozenset(chosen)
    by_grams = False
    for condition in conditions & TEXT_CONDITIONS:
        text, constants = estimate_of(gram_statement(condition, count=False))
        ((plan,),) = await reader.fetch(text, {**constants, **values})
        by_grams = plan[0]["Plan"]["Plan Rows"] <= COMMON_TEXT
    return Search(wanted, today, conditions, values, by_grams)
