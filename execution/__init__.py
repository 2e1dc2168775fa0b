"""Run GraphQL documents: parse and validate once, tell the cost, then execute. It knows no customers."""

from execution.cost import Cost, Costs
from execution.documents import DocumentCache, InvalidDocument
from execution.limits import DocumentLimits, reads_schema, variables_excess
from execution.pages import PageSizes
from execution.run import run_document
from execution.selection import SelectedField, selected_fields

__all__ = [
    "Cost",
    "Costs",
    "DocumentCache",
    "DocumentLimits",
    "InvalidDocument",
    "PageSizes",
    "SelectedField",
    "reads_schema",
    "run_document",
    "selected_fields",
    "variables_excess",
]
