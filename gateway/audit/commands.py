"""`python -m gateway audit ...`: prove the audit, report on it, ask it, and let old months go."""

import re
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from access import FieldClass
from db.audit import (
    AuditBusy,
    AuditRecord,
    BadAnchor,
    Disclosure,
    Finding,
    Head,
    RetentionTooShort,
    activity_of_month,
    anchor_line,
    heads,
    purge,
    read_anchor,
    records_about,
    verify,
)
from gateway.app import today_in_seoul
from gateway.audit.formats import as_csv, as_markdown
from gateway.audit.report import report_sections
from gateway.settings import read_settings
from gateway.startup import migrated_database

_SEOUL = ZoneInfo("Asia/Seoul")
_YEARS = re.compile(r"([1-9][0-9]?)y")
_CLASSES = [str(field_class) for field_class in FieldClass]
_WHO_HEADINGS = (
    "when", "actor", "role", "address", "operation", "outcome", "returned", "masked", "denied"
)  # fmt: skip


class Years(click.ParamType[int]):
    """A length of time in whole years, such as 2y."""

    name = "years"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read the length."""
        match = _YEARS.fullmatch(str(value))
        if match is None:
            self.fail(f"{value} is not a number of years such as 2y", param, ctx)
        return int(match[1])


@click.group("audit")
def audit() -> None:
    """Prove, read and purge the records of who saw whose data."""


@audit.command("verify")
@click.option(
    "--anchor",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Heads that `audit anchor` printed earlier: finds what was cut together with its head, too.",
)
def verify_command(file: Path | None) -> None:
    """Recompute every hash; name what was changed, removed or cut, and end with 1 if anything was."""
    anchor = _anchor_of(file) if file else []
    with migrated_database(read_settings()) as database:
        verified = verify(database.url, anchor, _tell)
    click.echo(
        f"{verified.records:,} records in {verified.chains:,} chains, "
        f"{'nothing' if not verified.findings else f'{verified.findings:,} things'} wrong"
        f"{'' if file else ' (no anchor: a chain cut together with its head would not be seen)'}"
    )
    sys.exit(1 if verified.findings else 0)


@audit.command("anchor")
def anchor_command() -> None:
    """Print the heads of all chains as JSON lines, to be kept where nobody can change them."""
    with migrated_database(read_settings()) as database:
        for head in heads(database.url):
            click.echo(anchor_line(head))


@audit.command("purge")
@click.option(
    "--older-than", "years", type=Years(), required=True, help="How old, such as 2y; two years at least."
)
def purge_command(years: int) -> None:
    """Drop the whole months that are older; what stays can still be verified."""
    with migrated_database(read_settings()) as database:
        try:
            purged = purge(database.url, years, datetime.now(UTC).date())
        except (AuditBusy, RetentionTooShort) as error:
            raise click.ClickException(str(error)) from None
    for month in purged.months:
        click.echo(f"dropped {month}")
    click.echo(f"{purged.records:,} records of {len(purged.months)} months are gone")


@audit.command("report")
@click.option(
    "--month", type=click.DateTime(["%Y-%m"]), required=True, help="Which month in Asia/Seoul, as 2026-10."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["markdown", "csv"]),
    default="markdown",
    show_default=True,
    help="For people, or for their spreadsheets.",
)
@click.option(
    "--out", "file", type=click.Path(dir_okay=False, path_type=Path), help="A file instead of the terminal."
)
def report_command(month: datetime, form: str, file: Path | None) -> None:
    """Report a month: accesses by actor and task, unusual volumes, nights, bulk reads, refusals."""
    with migrated_database(read_settings()) as database:
        sections = report_sections(activity_of_month(database.url, month.date()))
    text = as_csv(sections) if form == "csv" else as_markdown(f"{month:%Y-%m}", sections)
    if file is None:
        click.echo(text, nl=False)
    else:
        file.write_text(text, encoding="utf-8")


@audit.command("who")
@click.option("--customer", type=click.IntRange(1, 2**31 - 1), required=True, help="The customer's number.")
@click.option("--from", "first", type=click.DateTime(["%Y-%m-%d"]), help="First day in Asia/Seoul.")
@click.option("--to", "last", type=click.DateTime(["%Y-%m-%d"]), help="Last day in Asia/Seoul.")
@click.option(
    "--class", "field_class", type=click.Choice(_CLASSES), help="Only who was given fields of this class."
)
def who_command(
    customer: int, first: datetime | None, last: datetime | None, field_class: str | None
) -> None:
    """Print who saw a customer's data, oldest first; of the last 30 days unless --from says otherwise."""
    until = last.date() if last else today_in_seoul()
    since = first.date() if first else until - timedelta(days=30)
    with migrated_database(read_settings()) as database:
        found = records_about(database.url, customer, _midnight(since), _midnight(until + timedelta(days=1)))
        rows = [
            _who_row(record, disclosure)
            for record, disclosure in found
            if field_class is None or field_class in disclosure.returned
        ]
    for line in _aligned([_WHO_HEADINGS, *rows]):
        click.echo(line)
    click.echo(f"{len(rows):,} records from {since} to {until}")


def _anchor_of(file: Path) -> list[Head]:
    try:
        return read_anchor(file.read_text(encoding="utf-8").splitlines())
    except (BadAnchor, UnicodeDecodeError) as error:
        raise click.ClickException(f"{file}: {error}") from None


def _tell(finding: Finding) -> None:
    numbers = f"{finding.first}" if finding.first == finding.last else f"{finding.first}-{finding.last}"
    at = f"{finding.at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}" if finding.at else "-"
    click.echo(f"{finding.wrong}: chain {finding.chain} record {numbers} at {at}: {finding.words}")


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=_SEOUL)


def _who_row(record: AuditRecord, disclosure: Disclosure) -> tuple[str, ...]:
    return (
        f"{record.at.astimezone(_SEOUL):%Y-%m-%d %H:%M:%S}",
        record.actor or "-",
        record.role or "-",
        record.address or "-",
        f"{record.door}:{record.operation or record.task}",
        record.outcome,
        *(
            ",".join(classes) or "-"
            for classes in (disclosure.returned, disclosure.masked, disclosure.denied)
        ),
    )


def _aligned(rows: list[tuple[str, ...]]) -> Iterator[str]:
    """Yield the rows as lines of a table; what a token or a client said cannot break out of its line."""
    clean = [
        ["".join(letter if letter.isprintable() else "?" for letter in cell) for cell in row] for row in rows
    ]
    widths = [max(map(len, column)) for column in zip(*clean, strict=True)]
    for row in clean:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
