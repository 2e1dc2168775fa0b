"""Run GraphQL documents: parse and validate once, then execute. It knows no customers."""

from execution.documents import DocumentCache, InvalidDocument
from execution.limits import DocumentLimits, reads_schema, variables_excess
from execution.run import operation_type, run_document

__all__ = [
    "DocumentCache",
    "DocumentLimits",
    "InvalidDocument",
    "operation_type",
    "reads_schema",
    "run_document",
    "variables_excess",
]
