"""What one operation shows, masks and withholds, and of whom: kept while fields resolve."""

from collections import defaultdict
from dataclasses import dataclass

from access import FieldClass, Verdict
from db.audit import Disclosure


@dataclass(frozen=True, slots=True)
class Redaction:
    """One place of the answer that is not what it would be for somebody with more rights."""

    path: tuple[str | int, ...]
    verdict: Verdict


class Disclosures:
    """The record of one operation, by customer and field class.

    It is written where a field resolves, so it tells what an answer holds and not what was asked for.
    """

    def __init__(self) -> None:
        self.redactions: list[Redaction] = []
        self._verdicts: defaultdict[int, set[tuple[FieldClass, Verdict]]] = defaultdict(set)

    def note(self, customer_id: int, field_class: FieldClass, verdict: Verdict) -> None:
        """Remember that something of a class came out so for a customer."""
        self._verdicts[customer_id].add((field_class, verdict))

    def redact(self, path: tuple[str | int, ...], verdict: Verdict) -> None:
        """Remember a place that holds a mask, or null in place of a value."""
        self.redactions.append(Redaction(path, verdict))

    def by_customer(self) -> tuple[Disclosure, ...]:
        """Return the customers in groups for whom the same classes came out the same way."""
        groups: defaultdict[frozenset[tuple[FieldClass, Verdict]], list[int]] = defaultdict(list)
        for customer_id, verdicts in self._verdicts.items():
            groups[frozenset(verdicts)].append(customer_id)
        return tuple(
            Disclosure(
                customers=tuple(sorted(customers)),
                returned=_classes(verdicts, Verdict.VALUE),
                masked=_classes(verdicts, Verdict.MASKED),
                denied=_classes(verdicts, Verdict.DENIED),
            )
            for verdicts, customers in groups.items()
        )


def _classes(verdicts: frozenset[tuple[FieldClass, Verdict]], wanted: Verdict) -> tuple[str, ...]:
    return tuple(sorted(field_class for field_class, verdict in verdicts if verdict is wanted))
