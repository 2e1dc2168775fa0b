"""`doctor --recount` on the summaries: whether they say what the rows say, and what was mended."""

import psycopg

from db.recount import Recount, recount_summaries
from gateway.app import today_in_seoul
from gateway.findings import Finding
from gateway.progress import ProgressBar

_SUBJECT = "summaries"


def recount_finding(url: str) -> Finding:
    """Recount every summary with its progress shown; what was wrong is a fault although it is mended."""
    try:
        with ProgressBar() as bar:
            found = recount_summaries(url, today_in_seoul(), bar.show)
    except psycopg.errors.InsufficientPrivilege:
        words = "not compared: the user of DATABASE_URL may not write them"
        return Finding(_SUBJECT, fine=False, words=words, advice="run it as the user who migrates")
    if found.all_right:
        return Finding(_SUBJECT, fine=True, words=f"{found.customers:,} compared with the rows, all right")
    return Finding(
        _SUBJECT,
        fine=False,
        words=f"{found.customers:,} compared with the rows; mended {_mended(found)}",
        advice="find out who writes rows with triggers off, or changes summaries; then run it once more",
    )


def _mended(found: Recount) -> str:
    columns = ", ".join(f"{name} of {count:,}" for name, count in sorted(found.columns.items()))
    counts = [
        f"{found.drifted:,} that were wrong ({columns})" if found.drifted else "",
        f"{found.missing:,} that were missing" if found.missing else "",
        f"{found.orphans:,} of nobody" if found.orphans else "",
        "the totals of searches" if found.counts_differed else "",
    ]
    return ", ".join(filter(None, counts))
