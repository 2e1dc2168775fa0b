"""A PostgreSQL server of the gateway's own, run from binaries found on this machine.

What others may use stands here:

    with EmbeddedPostgres(Path(".data/postgres")) as server:
        url = server.start()
"""

from db.embedded.errors import (
    BinariesNotFound,
    ClusterVersionMismatch,
    EmbeddedPostgresError,
    ServerNotReachable,
)
from db.embedded.supervisor import EmbeddedPostgres

__all__ = [
    "BinariesNotFound",
    "ClusterVersionMismatch",
    "EmbeddedPostgres",
    "EmbeddedPostgresError",
    "ServerNotReachable",
]
