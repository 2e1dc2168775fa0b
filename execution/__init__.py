"""Run GraphQL documents: parse and validate once, then execute. It knows no customers."""

from execution.documents import DocumentCache, DocumentLimits, InvalidDocument
from execution.run import run_document
from execution.selection import SelectedField, selected_fields

__all__ = [
    "DocumentCache",
    "DocumentLimits",
    "InvalidDocument",
    "SelectedField",
    "run_document",
    "selected_fields",
]
