"""Database addresses: the forms operators write, in the form each library wants."""

from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from sqlalchemy.engine import URL, make_url

_SCHEMES = {"postgres", "postgresql", "postgresql+psycopg"}


class BadDatabaseUrl(ValueError):
    """The address is not one of a PostgreSQL server."""

    def __init__(self) -> None:
        super().__init__("DATABASE_URL must look like postgresql://user:password@host:5432/database")


def libpq_url(url: str) -> str:
    """Return the address as libpq and psycopg take it.

    Accepts `postgres://` and `?pgbouncer=true`, which hosting services print and libpq refuses.

    Raises:
        BadDatabaseUrl: the scheme is not PostgreSQL's.
    """
    parts = urlsplit(url.strip())
    if parts.scheme not in _SCHEMES:
        raise BadDatabaseUrl
    query = [(key, value) for key, value in parse_qsl(parts.query) if key != "pgbouncer"]
    # put together by hand: `urlunsplit` drops the slashes before the empty host of a unix socket's address
    address = f"postgresql://{parts.netloc}{parts.path}"
    return f"{address}?{urlencode(query, quote_via=quote)}" if query else address


def is_pooled(url: str) -> bool:
    """Whether the address says that a transaction pooler stands before the server."""
    return ("pgbouncer", "true") in parse_qsl(urlsplit(url).query)


def sqlalchemy_url(url: str) -> URL:
    """Return the address as SQLAlchemy takes it, with psycopg as driver."""
    return make_url(libpq_url(url)).set(drivername="postgresql+psycopg")
