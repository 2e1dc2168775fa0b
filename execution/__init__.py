"""Run GraphQL documents: parse and validate once, then execute. It knows no customers."""

from execution.documents import DocumentCache, DocumentLimits, InvalidDocument
from execution.run import operation_type, run_document

__all__ = ["DocumentCache", "DocumentLimits", "InvalidDocument", "operation_type", "run_document"]
