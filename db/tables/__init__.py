"""SQLAlchemy metadata of both schemas: the center's tables and the gateway's own."""

from db.tables import audit, center, changes, gateway, models
from db.tables.center import metadata

__all__ = ["audit", "center", "changes", "gateway", "metadata", "models"]
