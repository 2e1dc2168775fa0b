"""Why an embedded server cannot be had; every message ends with what to do."""


class EmbeddedPostgresError(Exception):
    """The embedded server cannot be had."""


class BinariesNotFound(EmbeddedPostgresError):
    """No PostgreSQL programs are here, or the server's user cannot run them."""


class ClusterVersionMismatch(EmbeddedPostgresError):
    """The data was made by another major version than the programs found."""


class ServerNotReachable(EmbeddedPostgresError):
    """The server was not made, did not start, or did not answer in time."""
