"""`python -m benchmarks [http] [audit] [limits] [insight] [analytics] [million]`: renew docs/benchmarks.md.

Without a word all are measured but `million`, whose center takes a while to load.
"""

import os
import sys
from collections.abc import Callable, Mapping

from benchmarks import analytics, audit, doors, insight, limits, seed
from benchmarks.report import Section, renewed
from benchmarks.servers import REPOSITORY

_SECTIONS: Mapping[str, Callable[[], Section]] = {
    "http": doors.measure,
    "audit": audit.measure,
    "limits": limits.measure,
    "insight": insight.measure,
    "analytics": analytics.measure,
    "million": analytics.measure_a_million,
    "seed": seed.measure,
}
_ONLY_WHEN_NAMED = {"million", "seed"}


def main(words: list[str]) -> None:
    """Measure what the words name, or nearly everything, one after the other."""
    if unknown := set(words) - set(_SECTIONS):
        sys.exit(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(_SECTIONS)}")
    busy = os.getloadavg()[0]
    page = REPOSITORY / "docs" / "benchmarks.md"
    for word, measure in _SECTIONS.items():
        if word in words or not (words or word in _ONLY_WHEN_NAMED):
            text = renewed(page.read_text(encoding="utf-8"), word, measure(), busy=busy)
            page.write_text(text, encoding="utf-8")
    sys.stdout.write(page.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main(sys.argv[1:])
