"""The monthly report on the audit: what the law wants looked at, worked out from each day's activity."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from statistics import median

from db.audit import BULK_CUSTOMERS, NIGHT, DayOfActivity

_SIGMA = 1.4826  # standard deviations of a normal distribution in one median absolute deviation
_UNUSUAL_SIGMAS = 3
_UNUSUAL_FLOOR = 50  # customers a day; fewer are a day's work
_ANSWERED = frozenset({"OK", "STARTED"})
_BAD_TOKEN = "UNAUTHENTICATED"  # noqa: S105 - an error code


@dataclass(frozen=True, slots=True)
class ReportLine:
    """One line of a section: what it is about, where its section says so, and how much there was of it."""

    actor: str | None = None
    role: str | None = None
    task: str | None = None
    outcome: str | None = None
    address: str | None = None
    on: date | None = None
    records: int = 0
    customers: int = 0
    threshold: int | None = None


@dataclass(frozen=True, slots=True)
class ReportSection:
    """A section: its name for programs, its title and rule for people, the columns it uses, and its lines."""

    name: str
    title: str
    rule: str
    columns: tuple[str, ...]
    lines: tuple[ReportLine, ...]


def report_sections(days: Sequence[DayOfActivity]) -> list[ReportSection]:
    """Return the sections of a month's report, each with what is largest first."""
    return [
        ReportSection(
            "accesses",
            "Accesses by actor and task",
            "Customers are added up record by record: one looked at twice counts twice.",
            ("actor", "role", "task", "records", "customers"),
            _summed(days, ("actor", "role", "task")),
        ),
        ReportSection(
            "unusual",
            "Unusual volumes",
            f"Days on which an actor looked at more customers than {_UNUSUAL_FLOOR}, and than the median of "
            f"the actor's own days of the month plus {_UNUSUAL_SIGMAS} x {_SIGMA} x their median absolute "
            "deviation.",
            ("actor", "on", "records", "customers", "threshold"),
            _unusual_days(days),
        ),
        ReportSection(
            "night",
            "Night access",
            f"Records between {NIGHT[0]}:00 and {NIGHT[1]:02}:00 in Asia/Seoul.",
            ("actor", "role", "on", "records"),
            _counted(days, ("actor", "role", "on"), lambda day: day.night),
        ),
        ReportSection(
            "bulk",
            "Bulk reads",
            f"Records about {BULK_CUSTOMERS} customers or more; customers is the most of one record.",
            ("actor", "role", "task", "on", "records", "customers"),
            _bulk_reads(days),
        ),
        ReportSection(
            "refusals",
            "Refusals and failures",
            "Records of what was not answered, by its error code; bad tokens have a section of their own.",
            ("actor", "role", "outcome", "address", "records"),
            _counted(
                (day for day in days if day.outcome not in _ANSWERED | {_BAD_TOKEN}),
                ("actor", "role", "outcome", "address"),
                lambda day: day.records,
            ),
        ),
        ReportSection(
            "bad_tokens",
            "Bad tokens",
            "Requests without a token that could be trusted, by where they came from.",
            ("address", "on", "records"),
            _counted(
                (day for day in days if day.outcome == _BAD_TOKEN),
                ("address", "on"),
                lambda day: day.records,
            ),
        ),
    ]


def _summed(days: Iterable[DayOfActivity], keys: Sequence[str]) -> tuple[ReportLine, ...]:
    """Add up the records and customers of what has the same keys."""
    lines: dict[ReportLine, ReportLine] = {}
    for day in days:
        about = ReportLine(**{name: getattr(day, name) for name in keys})
        line = lines.get(about, about)
        lines[about] = replace(
            line, records=line.records + day.records, customers=line.customers + day.customers
        )
    return _largest_first(lines.values())


def _counted(
    days: Iterable[DayOfActivity], keys: Sequence[str], records: Callable[[DayOfActivity], int]
) -> tuple[ReportLine, ...]:
    """Count some of the records of what has the same keys, and leave out what has none of them."""
    counts = Counter[ReportLine]()
    for day in days:
        counts[ReportLine(**{name: getattr(day, name) for name in keys})] += records(day)
    return _largest_first(replace(line, records=count) for line, count in counts.items() if count)


def _bulk_reads(days: Iterable[DayOfActivity]) -> tuple[ReportLine, ...]:
    return _largest_first(
        ReportLine(day.actor, day.role, day.task, on=day.on, records=day.bulk, customers=day.largest)
        for day in days
        if day.bulk
    )


def _unusual_days(days: Iterable[DayOfActivity]) -> tuple[ReportLine, ...]:
    by_actor: defaultdict[str | None, dict[date, ReportLine]] = defaultdict(dict)
    for line in _summed(days, ("actor", "on")):
        if line.on is not None:
            by_actor[line.actor][line.on] = line
    return _largest_first(
        replace(line, threshold=threshold)
        for of_actor in by_actor.values()
        for threshold in [_threshold([line.customers for line in of_actor.values()])]
        for line in of_actor.values()
        if line.customers > threshold
    )


def _threshold(customers_by_day: Sequence[int]) -> int:
    """Return the most customers of a day that are not unusual, given all of an actor's days."""
    usual = median(customers_by_day)
    deviation = median(abs(customers - usual) for customers in customers_by_day)
    return max(_UNUSUAL_FLOOR, int(usual + _UNUSUAL_SIGMAS * _SIGMA * deviation))


def _largest_first(lines: Iterable[ReportLine]) -> tuple[ReportLine, ...]:
    return tuple(sorted(lines, key=lambda line: (-line.customers, -line.records, str(line))))
