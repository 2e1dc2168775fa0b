"""What was changed, removed or cut in the audit is named; what was purged in its time is not missed."""

import hashlib
import json
from datetime import UTC, date, datetime

import psycopg
import pytest
from audit_records import a_disclosure, a_record, rows, tamper, write

from db.audit import (
    AuditBusy,
    BadAnchor,
    Finding,
    Head,
    RetentionTooShort,
    Wrong,
    anchor_line,
    heads,
    purge,
    read_anchor,
    verify,
)

LONG_AGO = datetime(2021, 3, 10, 12, tzinfo=UTC)


@pytest.fixture
def url(audit_url: str) -> str:
    """Two chains of nine records each."""
    for _ in range(2):
        write(audit_url, [a_record(request_id=f"request-{number}") for number in range(1, 10)])
    return audit_url


def found(url: str, anchor: list[Head] | None = None) -> list[Finding]:
    findings: list[Finding] = []
    verify(url, anchor or [], findings.append)
    return findings


def named(url: str, anchor: list[Head] | None = None) -> list[tuple[Wrong, object, int, int]]:
    return [(one.wrong, one.chain, one.first, one.last) for one in found(url, anchor)]


def a_chain(url: str) -> object:
    return rows(url, "SELECT chain FROM gateway.audit_chain ORDER BY chain")[0][0]


def test_an_untouched_audit_has_nothing_wrong(url: str) -> None:
    findings: list[Finding] = []

    verified = verify(url, heads(url), findings.append)

    assert findings == []
    assert (verified.records, verified.chains, verified.findings) == (18, 2, 0)


def test_anybody_can_recompute_a_hash_from_the_row_alone(url: str) -> None:
    write(url, [a_record(actor='상담 "직원"\t\\ 😀', disclosures=(a_disclosure(3, 1), a_disclosure(2)))])
    for row in rows(
        url,
        """SELECT previous, hash, to_jsonb(r) - 'previous' - 'hash', r.at AT TIME ZONE 'UTC'
             FROM gateway.audit_record r""",
    ):
        previous, stored, document, at = row
        document["at"] = at.isoformat(timespec="microseconds") + "Z"
        text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

        assert hashlib.sha256(previous + text.encode()).digest() == stored


@pytest.mark.parametrize(
    "change",
    [
        "actor = 'somebody@center.example'",
        "actor = NULL",
        "at = at + interval '1 microsecond'",
        "outcome = 'NOT_FOUND'",
        "customers = '{}'",
        """disclosures = '[{"customers": [7], "returned": [], "masked": [], "denied": []}]'""",
        "disclosures = '[{}]'",
        "disclosures = '{}'",
        "disclosures = 'null'",
        "previous = sha256('x')",
    ],
)
def test_a_changed_row_is_named(url: str, change: str) -> None:
    chain = a_chain(url)

    tamper(url, f"UPDATE gateway.audit_record SET {change} WHERE chain = %s AND seq = 5", chain)

    assert named(url) == [(Wrong.CHANGED, chain, 5, 5)]


@pytest.mark.parametrize("seq", [1, 5, 9])
def test_a_row_that_was_changed_and_given_a_right_hash_is_named(url: str, seq: int) -> None:
    chain = a_chain(url)
    tamper(
        url,
        "UPDATE gateway.audit_record SET actor = 'other', hash = %s WHERE chain = %s AND seq = %s",
        rehashed(url, chain, seq),
        chain,
        seq,
    )

    assert named(url) == [(Wrong.CHANGED, chain, seq, seq)]


def rehashed(url: str, chain: object, seq: int) -> bytes:
    """Return the hash that a row would have if its actor were another."""
    ((previous, document, at),) = rows(
        url,
        """SELECT previous, to_jsonb(r) - 'previous' - 'hash', r.at AT TIME ZONE 'UTC'
             FROM gateway.audit_record r WHERE chain = %s AND seq = %s""",
        chain,
        seq,
    )
    document |= {"at": at.isoformat(timespec="microseconds") + "Z", "actor": "other"}
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(previous + text.encode()).digest()


@pytest.mark.parametrize(("first", "last"), [(1, 1), (4, 4), (4, 6)])
def test_removed_rows_are_named_with_the_time_before_them(url: str, first: int, last: int) -> None:
    chain = a_chain(url)
    before = rows(url, "SELECT at FROM gateway.audit_record WHERE chain = %s AND seq = %s", chain, first - 1)

    tamper(
        url,
        "DELETE FROM gateway.audit_record WHERE chain = %s AND seq BETWEEN %s AND %s",
        chain,
        first,
        last,
    )

    (finding,) = found(url)
    assert (finding.wrong, finding.chain, finding.first, finding.last) == (
        Wrong.REMOVED,
        chain,
        first,
        last,
    )
    assert finding.at == (before[0][0] if before else None)


def test_a_cut_tail_is_named(url: str) -> None:
    chain = a_chain(url)

    tamper(url, "DELETE FROM gateway.audit_record WHERE chain = %s AND seq > 7", chain)

    assert named(url) == [(Wrong.CUT, chain, 8, 9)]


def cut_with_head(url: str, chain: object) -> None:
    tamper(url, "DELETE FROM gateway.audit_record WHERE chain = %s AND seq > 7", chain)
    tamper(
        url,
        """
        UPDATE gateway.audit_chain c SET seq = r.seq, hash = r.hash, at = r.at
          FROM gateway.audit_record r WHERE r.chain = c.chain AND r.seq = 7 AND c.chain = %s
        """,
        chain,
    )


def test_a_tail_that_was_cut_together_with_its_head_is_named_by_an_anchor(url: str) -> None:
    chain, anchor = a_chain(url), heads(url)

    cut_with_head(url, chain)

    assert named(url) == []
    assert named(url, anchor) == [(Wrong.CUT, chain, 8, 9)]


def test_a_chain_that_vanished_whole_is_named_by_an_anchor(url: str) -> None:
    chain, anchor = a_chain(url), heads(url)

    for table in ("audit_record", "audit_chain"):
        tamper(url, f"DELETE FROM gateway.{table} WHERE chain = %s", chain)

    assert named(url) == []
    assert named(url, anchor) == [(Wrong.VANISHED, chain, 1, 9)]


def test_a_chain_that_was_written_anew_is_named_by_an_anchor(url: str) -> None:
    chain, anchor = a_chain(url), heads(url)
    other = rows(url, "SELECT chain FROM gateway.audit_chain ORDER BY chain")[1][0]
    hash_of_other = next(head.hash for head in anchor if head.chain == other)
    rewritten = [Head(chain, 9, hash_of_other, head.at) for head in anchor if head.chain == chain]

    assert named(url, rewritten) == [(Wrong.CHANGED, chain, 9, 9)]


def test_an_older_anchor_still_fits_a_chain_that_grew(url: str) -> None:
    anchor = read_anchor([anchor_line(head) for head in heads(url)])
    write(url, [a_record()])

    assert anchor
    assert named(url, anchor) == []


@pytest.mark.parametrize("line", ["{}", "[]", "nonsense", '{"chain": "x", "seq": 1, "hash": "", "at": ""}'])
def test_a_file_that_is_no_anchor_is_refused(line: str) -> None:
    with pytest.raises(BadAnchor, match="line 2"):
        read_anchor(["", line])


def test_a_missing_head_is_named(url: str) -> None:
    chain = a_chain(url)

    tamper(url, "DELETE FROM gateway.audit_chain WHERE chain = %s", chain)

    assert named(url) == [(Wrong.CUT, chain, 10, 10)]


def test_a_row_that_nobody_wrote_is_named(url: str) -> None:
    chain = a_chain(url)
    copied = """
        INSERT INTO gateway.audit_record
        SELECT chain, %s, at + interval '1 second', actor, role, address, user_agent, door, task, operation,
               document_hash, outcome, request_id, customers, disclosures, previous, hash
          FROM gateway.audit_record WHERE chain = %s AND seq = 5
    """
    tamper(url, copied, 5, chain)
    tamper(url, copied, 10, chain)

    assert set(named(url)) == {
        (Wrong.CHANGED, chain, 5, 5),
        (Wrong.ADDED, chain, 5, 5),
        (Wrong.CHANGED, chain, 10, 10),
        (Wrong.ADDED, chain, 10, 10),
    }


@pytest.fixture
def old_url(url: str) -> str:
    """The audit with a third chain, whose first six records are of 2021, out of the order of their times."""
    for month in ("2021-03-01", "2021-04-01"):
        rows(url, "SELECT gateway.ensure_audit_partition(%s)", month)
    late = LONG_AGO.replace(month=4)
    times = [LONG_AGO, LONG_AGO, late, LONG_AGO, late, late]
    write(url, [*(a_record(at=at) for at in times), *(a_record() for _ in range(3))])
    return url


def test_after_a_purge_what_stays_is_verified_and_what_went_is_not_missed(old_url: str) -> None:
    anchor = heads(old_url)

    purged = purge(old_url, 2, datetime.now(UTC).date())

    assert (purged.months, purged.records) == (("2021-03", "2021-04"), 6)
    assert rows(old_url, "SELECT count(*) FROM gateway.audit_record") == [(21,)]
    assert named(old_url, anchor) == []


def test_a_purge_whose_months_end_between_numbers_leaves_a_sound_audit(old_url: str) -> None:
    purged = purge(old_url, 2, date(2023, 4, 20))

    assert purged.months == ("2021-03",)
    assert named(old_url) == []


def test_after_a_purge_a_changed_row_is_still_named(old_url: str) -> None:
    purge(old_url, 2, datetime.now(UTC).date())
    (chain,) = rows(old_url, "SELECT chain FROM gateway.audit_chain WHERE purged_seq > 0")[0]

    tamper(old_url, "UPDATE gateway.audit_record SET actor = 'x' WHERE chain = %s AND seq = 7", chain)
    tamper(old_url, "DELETE FROM gateway.audit_record WHERE chain = %s AND seq = 8", chain)

    assert named(old_url) == [(Wrong.CHANGED, chain, 7, 7), (Wrong.REMOVED, chain, 8, 8)]


@pytest.mark.parametrize("today", [date(2023, 3, 31), date(2023, 3, 1), date(2022, 12, 31)])
def test_a_month_stays_until_its_last_day_is_two_years_old(old_url: str, today: date) -> None:
    assert purge(old_url, 2, today).months == ()


def test_nothing_is_purged_before_two_years(old_url: str) -> None:
    with pytest.raises(RetentionTooShort):
        purge(old_url, 1, datetime.now(UTC).date())


def test_a_removal_that_looks_like_a_purge_but_came_too_early_is_named(url: str) -> None:
    chain, anchor = a_chain(url), heads(url)
    tamper(url, "DELETE FROM gateway.audit_record WHERE chain = %s", chain)
    tamper(url, "UPDATE gateway.audit_chain SET purged_seq = seq, purged_hash = hash WHERE chain = %s", chain)

    assert named(url) == [(Wrong.REMOVED, chain, 1, 9)]
    assert named(url, anchor) == [(Wrong.REMOVED, chain, 1, 9)]


@pytest.mark.slow
def test_a_purge_gives_up_when_the_audit_is_busy(old_url: str) -> None:
    with psycopg.connect(old_url) as reader:
        reader.execute("SELECT count(*) FROM gateway.audit_record")
        with pytest.raises(AuditBusy):
            purge(old_url, 2, datetime.now(UTC).date())

    assert rows(old_url, "SELECT count(*) FROM gateway.audit_record") == [(27,)]
