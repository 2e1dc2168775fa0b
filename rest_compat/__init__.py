"""The documented REST paths: stored GraphQL documents in the contract's envelope. No SQL and no rules."""

from rest_compat.app import rest_app
from rest_compat.bodies import NotJson, is_json, read_json
from rest_compat.runner import OperationRunner, Outcome, Redaction, Trouble

__all__ = [
    "NotJson",
    "OperationRunner",
    "Outcome",
    "Redaction",
    "Trouble",
    "is_json",
    "read_json",
    "rest_app",
]
