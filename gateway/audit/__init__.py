"""The disclosure audit at work: every request's record, and what operators ask of them."""

from gateway.audit.log import AuditHealth, AuditLog, AuditUnavailable
from gateway.audit.recording import OK, STARTED, Recorder, Source, Task, source_of

__all__ = [
    "OK",
    "STARTED",
    "AuditHealth",
    "AuditLog",
    "AuditUnavailable",
    "Recorder",
    "Source",
    "Task",
    "source_of",
]
