"""What was measured, as sections of one page with a table each."""

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

_FIRST_WORDS = """# Benchmarks

`make bench` measures all of it. Read the ratios: absolute figures are the machine's, whose cores load, server
and database share.
"""


@dataclass(frozen=True, slots=True)
class Section:
    """What was measured, in words; a table, its first row the head; and under which load."""

    title: str
    words: str
    rows: Sequence[Sequence[str]]
    labels: int
    """How many of the first columns hold words; the others hold numbers."""
    load: str


def renewed(page: str, word: str, section: Section, *, busy: float) -> str:
    """Return the page with a section in place of its former one, which `word` measures.

    `busy` is the machine's load average before anything was measured.
    """
    _, *parts = page.split("\n## ")
    sections = {part.partition("\n")[0]: part.rstrip("\n") for part in parts}
    sections[section.title] = _text(word, section, busy)
    return "\n## ".join([_FIRST_WORDS, *(f"{text}\n" for text in sections.values())])


def _text(word: str, section: Section, busy: float) -> str:
    head, *rows = section.rows
    rule = ["---" if place < section.labels else "---:" for place in range(len(head))]
    lines = [
        section.title,
        "",
        section.words,
        "",
        *(f"| {' | '.join(cells)} |" for cells in (head, rule, *rows)),
        "",
        f"- Machine: {_machine()}; load average {busy:.1f} before",
        f"- Load: {section.load}",
        f"- Command: `python -m benchmarks {word}`",
        f"- Date: {date.today().isoformat()}",  # noqa: DTZ011 - the day where it ran
    ]
    return "\n".join(lines)


def _machine() -> str:
    models = [
        line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")
    ]
    processor = models[0].partition(":")[2].strip() if models else platform.machine()
    return f"{processor}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
