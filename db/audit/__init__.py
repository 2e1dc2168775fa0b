"""The disclosure audit: records in hash chains, added to, read, verified, and purged by the month."""

from db.audit.chain import ChainEnd, SealedRecord, seal
from db.audit.record import AuditRecord, Disclosure, storable
from db.audit.writing import append, ensure_partitions

__all__ = [
    "AuditRecord",
    "ChainEnd",
    "Disclosure",
    "SealedRecord",
    "append",
    "ensure_partitions",
    "seal",
    "storable",
]
