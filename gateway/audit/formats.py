"""The monthly report on the audit as text: Markdown for people, CSV for their spreadsheets."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import fields

from gateway.audit.report import ReportLine, ReportSection

_HEADINGS: Mapping[str, str] = {
    "actor": "Actor",
    "role": "Role",
    "task": "Task",
    "outcome": "Outcome",
    "address": "Address",
    "on": "Day",
    "records": "Records",
    "customers": "Customers",
    "threshold": "Usual up to",
}
_NOBODY = "(no trusted token)"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_markdown(month: str, sections: Sequence[ReportSection]) -> str:
    """Return the report as a Markdown document."""
    parts = [f"# Access records of {month}\n", "Days and hours are in Asia/Seoul.\n"]
    for section in sections:
        parts.append(f"## {section.title}\n\n{section.rule}\n")
        parts.append(markdown_table(section.columns, section.lines) if section.lines else "None.\n")
    return "\n".join(parts)


def markdown_table(columns: Sequence[str], lines: Sequence[ReportLine]) -> str:
    """Return lines as a Markdown table."""
    rows = [
        " | ".join(_HEADINGS[column] for column in columns),
        " | ".join("---" for _ in columns),
        *(" | ".join(_cell(line, column) for column in columns) for line in lines),
    ]
    return "".join(f"| {row} |\n" for row in rows)


def as_csv(sections: Sequence[ReportSection]) -> str:
    """Return the report as one CSV table, whose first column names the section."""
    names = [field.name for field in fields(ReportLine)]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["section", *names])
    for section in sections:
        for line in section.lines:
            used = (getattr(line, name) if name in section.columns else None for name in names)
            writer.writerow([section.name, *map(_csv_cell, used)])
    return text.getvalue()


def _cell(line: ReportLine, column: str) -> str:
    value = getattr(line, column)
    if value is None:
        return _NOBODY if column == "actor" else ""
    return " ".join(str(value).split()).replace("|", "\\|").replace("<", "&lt;")


def _csv_cell(value: object) -> object:
    # what a token said must not become a formula in somebody's spreadsheet
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
