"""How to look: rare text by its grams, common text by comparing while a list is walked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from db.engine import Reader
from db.search.filters import CustomerFilter, conditions_of
from db.search.statements import Statement, estimate_statement
from db.search.words import TEXT_CONDITIONS

COMMON_TEXT = 1 / 30
"""Of all customers; a text that more have is found sooner by walking than by gathering whoever has it."""


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
        text, constants = estimate_statement(condition)
        ((plan,),) = await reader.fetch(text, {**constants, **values})
        hits, everybody = _expected_rows(plan[0]["Plan"])
        by_grams = hits <= COMMON_TEXT * everybody
    return Search(wanted, today, conditions, values, by_grams)


def _expected_rows(plan: Mapping[str, Any]) -> tuple[float, float]:
    """Return how many rows the planner expects of either part of a UNION ALL."""
    parts = plan["Plans"]
    # a parallel plan has a node above the one that puts the parts together
    return _expected_rows(parts[0]) if len(parts) == 1 else (parts[0]["Plan Rows"], parts[1]["Plan Rows"])
