"""The disclosure audit: records in hash chains, added to, read, verified, and purged by the month."""

from db.audit.activity import BULK_CUSTOMERS, NIGHT, DayOfActivity, activity_of_month
from db.audit.chain import ChainEnd, Sealed, SealedRecord, seal
from db.audit.examination import Finding, Wrong
from db.audit.heads import BadAnchor, Head, anchor_line, heads, read_anchor
from db.audit.purge import AuditBusy, Purged, RetentionTooShort, purge
from db.audit.reading import AuditFilter, AuditPlace, audit_page, records_about
from db.audit.record import AuditRecord, Disclosure, storable
from db.audit.rights import Acting, acting_user, forbidden_rights
from db.audit.verify import Verified, verify
from db.audit.writing import append, ensure_partitions, months_made

__all__ = [
    "BULK_CUSTOMERS",
    "NIGHT",
    "Acting",
    "AuditBusy",
    "AuditFilter",
    "AuditPlace",
    "AuditRecord",
    "BadAnchor",
    "ChainEnd",
    "DayOfActivity",
    "Disclosure",
    "Finding",
    "Head",
    "Purged",
    "RetentionTooShort",
    "Sealed",
    "SealedRecord",
    "Verified",
    "Wrong",
    "acting_user",
    "activity_of_month",
    "anchor_line",
    "append",
    "audit_page",
    "ensure_partitions",
    "forbidden_rights",
    "heads",
    "months_made",
    "purge",
    "read_anchor",
    "records_about",
    "seal",
    "storable",
    "verify",
]
