"""`python -m gateway audit`: proofs, reports and answers, from a terminal."""

import csv
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from audit_records import a_disclosure, a_record, rows, tamper, write
from click.testing import CliRunner, Result

from gateway.cli import main
from gateway.settings import Settings

Run = Callable[..., Result]

SEOUL = ZoneInfo("Asia/Seoul")


@pytest.fixture
def run(audit_url: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run an audit command in an empty folder, over the database of `audit_url`."""
    monkeypatch.chdir(folder)

    def run(*arguments: str, url: str = audit_url) -> Result:
        environment: dict[str, str | None] = dict.fromkeys(map(str.upper, Settings.model_fields))
        environment["DATABASE_URL"] = url
        result = CliRunner().invoke(main, ["audit", *arguments], env=environment)
        assert result.exception is None or isinstance(result.exception, SystemExit)
        return result

    return run


def in_seoul(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 10, day, hour, minute, tzinfo=SEOUL)


@pytest.fixture
def october(audit_url: str) -> str:
    """A month of two people: a usual one, and one who looked at everybody, once, in the night."""
    for month in ("2026-09-01", "2026-10-01"):
        rows(audit_url, "SELECT gateway.ensure_audit_partition(%s)", month)
    usual = [
        a_record(at=in_seoul(day, 10, minute), disclosures=(a_disclosure(minute + 1),))
        for day in range(1, 11)
        for minute in range(5)
    ]
    curious = {"actor": "=curious|@center.example", "role": "MANAGER"}
    everybody = [
        a_record(at=in_seoul(day, 11), disclosures=(a_disclosure(*range(1, 11)),), **curious)
        for day in range(1, 6)
    ]
    everybody.append(a_record(at=in_seoul(20, 23), disclosures=(a_disclosure(*range(1, 101)),), **curious))
    refused = [
        a_record(at=in_seoul(3, 12), outcome="UNAUTHORIZED_ACCESS", task="mutation", disclosures=()),
        a_record(
            at=in_seoul(3, 5, 59), actor=None, role=None, outcome="UNAUTHENTICATED", task="unknown",
            address="198.51.100.9", disclosures=(),
        ),
        a_record(at=in_seoul(1, 0) - timedelta(seconds=1), actor="of-september@center.example"),
    ]  # fmt: skip
    write(audit_url, [*usual, *everybody, *refused])
    return audit_url


def test_an_untouched_audit_is_verified(run: Run, audit_url: str) -> None:
    write(audit_url, [a_record(), a_record()])

    verified = run("verify")

    assert verified.exit_code == 0
    assert "2 records in 1 chains, nothing wrong" in verified.stdout


def test_a_changed_a_removed_and_a_cut_record_are_named_with_their_times(run: Run, audit_url: str) -> None:
    write(audit_url, [a_record() for _ in range(9)])
    ((chain, at),) = rows(audit_url, "SELECT chain, at FROM gateway.audit_record WHERE seq = 2")
    tamper(audit_url, "UPDATE gateway.audit_record SET actor = 'other' WHERE seq = 2")
    tamper(audit_url, "DELETE FROM gateway.audit_record WHERE seq IN (5, 8, 9)")

    verified = run("verify")

    assert verified.exit_code == 1
    assert f"changed: chain {chain} record 2 at {at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}" in verified.stdout
    assert f"removed: chain {chain} record 5 at " in verified.stdout
    assert f"cut off: chain {chain} record 8-9 at " in verified.stdout
    assert "3 things wrong" in verified.stdout


def test_an_anchor_from_before_finds_a_chain_that_vanished(run: Run, audit_url: str) -> None:
    write(audit_url, [a_record(), a_record()])
    anchor = run("anchor").stdout
    Path("anchor.jsonl").write_text(anchor)
    assert json.loads(anchor)["seq"] == 2
    assert run("verify", "--anchor", "anchor.jsonl").exit_code == 0

    tamper(audit_url, "TRUNCATE gateway.audit_record, gateway.audit_chain")

    assert run("verify").exit_code == 0
    verified = run("verify", "--anchor", "anchor.jsonl")
    assert verified.exit_code == 1
    assert f"vanished: chain {json.loads(anchor)['chain']} record 1-2" in verified.stdout


def test_a_file_that_is_no_anchor_is_refused_in_words(run: Run) -> None:
    Path("notes.txt").write_text("not an anchor")

    refused = run("verify", "--anchor", "notes.txt")

    assert refused.exit_code == 1
    assert "notes.txt: line 1 is not one of an anchor" in refused.stderr


def test_a_database_that_is_not_migrated_is_told_in_words(run: Run, empty_database_url: str) -> None:
    refused = run("verify", url=empty_database_url)

    assert refused.exit_code == 1
    assert "python -m gateway migrate" in refused.stderr


def test_a_purge_drops_what_is_old_and_the_rest_is_verified(run: Run, audit_url: str) -> None:
    rows(audit_url, "SELECT gateway.ensure_audit_partition('2021-03-01')")
    write(audit_url, [a_record(at=datetime(2021, 3, 10, tzinfo=UTC)), a_record()])

    purged = run("purge", "--older-than", "2y")

    assert purged.exit_code == 0
    assert "dropped 2021-03\n" in purged.stdout
    assert run("verify").exit_code == 0
    assert rows(audit_url, "SELECT count(*) FROM gateway.audit_record") == [(1,)]


@pytest.mark.parametrize(
    ("age", "code", "words"),
    [
        ("1y", 1, "at least 2 years"),
        ("0y", 2, "such as 2y"),
        ("700d", 2, "such as 2y"),
        ("2", 2, "such as 2y"),
    ],
)
def test_a_purge_of_less_than_two_years_is_refused(run: Run, age: str, code: int, words: str) -> None:
    refused = run("purge", "--older-than", age)

    assert refused.exit_code == code
    assert words in refused.stderr


def lines_of(report: Result, section: str) -> list[dict[str, str]]:
    return [line for line in csv.DictReader(report.stdout.splitlines()) if line["section"] == section]


@pytest.mark.usefixtures("october")
def test_a_report_adds_up_a_month_of_the_center_by_actor_and_task(run: Run) -> None:
    accesses = lines_of(run("report", "--month", "2026-10", "--format", "csv"), "accesses")

    found = {(line["actor"], line["task"]): (line["records"], line["customers"]) for line in accesses}
    assert found == {
        ("staff@center.example", "query"): ("50", "50"),
        ("staff@center.example", "mutation"): ("1", "0"),
        ("'=curious|@center.example", "query"): ("6", "150"),
        ("", "unknown"): ("1", "0"),
    }


@pytest.mark.usefixtures("october")
def test_a_report_names_the_unusual_day_the_night_and_the_bulk_read(run: Run) -> None:
    report = run("report", "--month", "2026-10", "--format", "csv")

    (unusual,) = lines_of(report, "unusual")
    assert (unusual["on"], unusual["customers"], unusual["threshold"]) == ("2026-10-20", "100", "50")
    assert {(line["actor"], line["on"]) for line in lines_of(report, "night")} == {
        ("'=curious|@center.example", "2026-10-20"),
        ("", "2026-10-03"),
    }
    (bulk,) = lines_of(report, "bulk")
    assert (bulk["actor"], bulk["records"], bulk["customers"]) == ("'=curious|@center.example", "1", "100")


@pytest.mark.usefixtures("october")
def test_a_report_tells_refusals_and_bad_tokens_apart(run: Run) -> None:
    report = run("report", "--month", "2026-10", "--format", "csv")

    (refusal,) = lines_of(report, "refusals")
    assert (refusal["actor"], refusal["outcome"]) == ("staff@center.example", "UNAUTHORIZED_ACCESS")
    (token,) = lines_of(report, "bad_tokens")
    assert (token["address"], token["on"], token["records"]) == ("198.51.100.9", "2026-10-03", "1")


@pytest.mark.usefixtures("october")
def test_a_report_for_people_is_a_markdown_file(run: Run) -> None:
    written = run("report", "--month", "2026-10", "--out", "october.md")

    assert (written.exit_code, written.stdout) == (0, "")
    text = Path("october.md").read_text()
    assert text.startswith("# Access records of 2026-10\n")
    assert "| =curious\\|@center.example | MANAGER | query | 2026-10-20 | 1 | 100 |" in text
    assert "| (no trusted token) |" in text


def test_a_month_without_records_is_an_empty_report(run: Run) -> None:
    report = run("report", "--month", "2020-01")

    assert report.exit_code == 0
    assert report.stdout.count("None.\n") == 6


def test_who_saw_a_customer_is_answered_with_what_they_were_given(run: Run, audit_url: str) -> None:
    seen = a_disclosure(7, 8, returned=("open", "health"), masked=("contact",))
    refused = a_disclosure(7, returned=("open",), denied=("health",))
    write(
        audit_url,
        [
            a_record(actor="manager@center.example", operation="Goals", disclosures=(seen,)),
            a_record(actor="staff@center.example", disclosures=(refused,)),
            a_record(actor="other@center.example", disclosures=(a_disclosure(8),)),
        ],
    )

    who = run("who", "--customer", "7")
    assert who.exit_code == 0
    lines = who.stdout.splitlines()
    assert lines[0].split() == [
        "when", "actor", "role", "address", "operation", "outcome", "returned", "masked", "denied",
    ]  # fmt: skip
    assert lines[1].split()[2:] == [
        "manager@center.example", "STAFF", "192.0.2.7", "graphql:Goals", "OK", "open,health", "contact", "-",
    ]  # fmt: skip
    assert lines[2].split()[-3:] == ["open", "-", "health"]
    assert "2 records" in lines[3]

    health = run("who", "--customer", "7", "--class", "health").stdout
    assert "manager@center.example" in health
    assert "staff@center.example" not in health


@pytest.mark.usefixtures("october")
def test_who_keeps_to_the_days_asked_for_as_the_center_counts_them(run: Run) -> None:
    third = run("who", "--customer", "1", "--from", "2026-10-03", "--to", "2026-10-03").stdout

    assert "2026-10-03 10:00:00" in third
    assert "2 records from 2026-10-03 to 2026-10-03" in third


def test_what_a_token_said_cannot_write_on_the_terminal(run: Run, audit_url: str) -> None:
    write(audit_url, [a_record(actor="\x1b[2Jsomebody\nelse", operation="\x07")])

    shown = run("who", "--customer", "123").stdout

    assert "?[2Jsomebody?else" in shown
    assert "\x1b" not in shown
    assert "\x07" not in shown
