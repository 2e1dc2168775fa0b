"""Run GraphQL documents: parse and validate once, tell the cost, then execute. It knows no customers."""

from execution.cost import Cost, Costs
from execution.documents import DocumentCache, DocumentLimits, InvalidDocument
from execution.pages import PageSizes
from execution.run import operation_type, run_document

__all__ = [
    "Cost",
    "Costs",
    "DocumentCache",
    "DocumentLimits",
    "InvalidDocument",
    "PageSizes",
    "operation_type",
    "run_document",
]
