"""`python -m benchmarks [http] [audit] [limits] [writes] [insight] [analytics] [million] [seed] [search]`.

Renews docs/benchmarks.md. Without a word all are measured but `million`, `seed` and `search`, whose centers
take a while to load.
`search:1000,100000` searches in smaller centers only.
"""

import os
import sys
from collections.abc import Callable, Mapping
from functools import partial

from benchmarks import analytics, audit, doors, insight, limits, search, seed, writes
from benchmarks.report import Section, renewed
from benchmarks.servers import REPOSITORY

_SECTIONS: Mapping[str, Callable[[], Section]] = {
    "http": doors.measure,
    "audit": audit.measure,
    "limits": limits.measure,
    "writes": writes.measure,
    "insight": insight.measure,
    "analytics": analytics.measure,
    "million": analytics.measure_a_million,
    "seed": seed.measure,
    "search": search.measure,
}
_ONLY_WHEN_NAMED = {"million", "seed", "search"}
_SIZED = "search:"


def main(words: list[str]) -> None:
    """Measure what the words name, or nearly everything, one after the other."""
    sections = dict(_SECTIONS)
    for word in words:
        if word.startswith(_SIZED):
            sections[word] = partial(
                search.measure, [int(size) for size in word.removeprefix(_SIZED).split(",")]
            )
    if unknown := set(words) - set(sections):
        sys.exit(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(_SECTIONS)}")
    busy = os.getloadavg()[0]
    page = REPOSITORY / "docs" / "benchmarks.md"
    for word, measure in sections.items():
        if word in words or not (words or word in _ONLY_WHEN_NAMED):
            text = renewed(page.read_text(encoding="utf-8"), word, measure(), busy=busy)
            page.write_text(text, encoding="utf-8")
    sys.stdout.write(page.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main(sys.argv[1:])
