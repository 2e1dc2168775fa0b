"""Every setting of the gateway, read once from the environment and `.env`."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, FilePath, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from redis.asyncio.connection import parse_url

from access import LimitClass, Quota, Role, read_quotas
from db.urls import BadDatabaseUrl, libpq_url
from gateway.opening_hours import USUAL_HOURS, OpeningHoursText
from gateway.signing_secret import SHORTEST_SECRET, is_weak, kept_secret

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class BadSettings(Exception):
    """The settings cannot be used; the message lists what is wrong, one line each."""


class Settings(BaseSettings):
    """The settings, under their names in the environment (HOST, PORT, ...)."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True)

    environment: Literal["development", "production"] = Field(
        "development", description="production refuses weak secrets and never loads demo data"
    )
    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(8000, ge=1, le=65535, description="port to listen on")
    workers: int = Field(1, ge=1, le=256, description="server processes")
    database_url: str | None = Field(
        None, description="postgresql://... of PostgreSQL 15 or newer; without it an embedded server runs"
    )
    database_direct_url: str | None = Field(
        None, description="the same database past a pooler, for what needs a session: fits and migrations"
    )
    database_replica_url: str | None = Field(None, description="a hot standby, for searches and analytics")
    replica_staleness_seconds: float = Field(
        2.0, ge=0.5, le=60, description="how old an answer of the replica may be; else the primary answers"
    )
    database_pool: int = Field(
        10, ge=1, le=200, description="database connections of each worker, beside that of its audit log"
    )
    database_wait_seconds: float = Field(
        2.0, gt=0, le=60, description="how long a request waits for a connection before it gets a 503"
    )
    cache_rows: int = Field(
        80_000, ge=0, le=100_000_000, description="rows of customers that each worker keeps; 0 keeps none"
    )
    audit_wait_seconds: float = Field(
        2.0, gt=0, le=60, description="how long an answer waits for its audit record before it becomes a 503"
    )
    audit_queue: int = Field(
        10_000, ge=1, le=1_000_000, description="audit records of each worker that may wait to be stored"
    )
    operation_seconds: float = Field(
        10.0, gt=0, le=300, description="how long an operation may take; its SQL is cancelled then"
    )
    rate_limit_general: str = Field(
        "1000/hour", description="requests of one person; one role's own after a comma: ADMIN=5000/hour"
    )
    rate_limit_analytics: str = Field(
        "100/hour", description="customers whose analytics one person may ask for, written the same way"
    )
    rate_limit_recommendations: str = Field(
        "50/hour", description="customers whom one person may ask recommendations for"
    )
    rate_limit_url: SecretStr | None = Field(
        None, description="redis:// address of the Redis or Valkey where all workers and replicas count"
    )
    rate_limit_wait_seconds: float = Field(
        0.05, gt=0, le=10, description="how long a request waits for that store before it is counted locally"
    )
    max_nodes: int = Field(
        50_000, ge=100, le=10_000_000, description="most objects that one GraphQL answer may hold"
    )
    body_bytes: int = Field(1024 * 1024, ge=1024, le=2**30, description="largest body of a request")
    header_bytes: int = Field(
        32 * 1024, ge=1024, le=2**20, description="largest headers of a request together, and largest address"
    )
    header_count: int = Field(100, ge=20, le=10_000, description="most headers of a request")
    receive_seconds: float = Field(
        10.0, gt=0, le=600, description="how long a client may take to send its headers, and then its body"
    )
    document_tokens: int = Field(2000, ge=500, le=50_000, description="most tokens of a GraphQL document")
    document_depth: int = Field(15, ge=5, le=100, description="most levels of a GraphQL document")
    document_aliases: int = Field(200, ge=0, le=10_000, description="most aliases of a GraphQL document")
    document_root_fields: int = Field(
        100, ge=1, le=10_000, description="most root fields of a GraphQL document"
    )
    introspection: Literal["everyone", "admin", "nobody"] | None = Field(
        None, description="who may read the GraphQL schema; without it everyone in development, else admin"
    )
    jwt_secret: SecretStr | None = Field(
        None, description="secret of HS256 tokens; development makes and keeps one of its own"
    )
    secret_key: SecretStr | None = Field(
        None, description="another name of JWT_SECRET, which older centers use; JWT_SECRET wins"
    )
    cursor_secret: SecretStr | None = Field(
        None, description="secret that seals cursors; without it that of the HS256 tokens, else a random one"
    )
    jwks_url: str | None = Field(
        None, description="address of the issuer's public keys, for RS256, ES256 and EdDSA tokens"
    )
    jwks_file: FilePath | None = Field(None, description="the same keys in a file, instead of JWKS_URL")
    jwks_seconds: float = Field(
        300.0, ge=1, le=86_400, description="how long keys of JWKS_URL are used before they are fetched again"
    )
    jwks_stale_seconds: float = Field(
        86_400.0, ge=0, le=604_800, description="how old keys of JWKS_URL may get while the issuer is away"
    )
    jwt_issuer: str | None = Field(None, description="the iss that every token must have")
    jwt_audience: str | None = Field(
        None, description="the aud that every token must have, or have among others"
    )
    jwt_role_claim: str = Field("role", min_length=1, description="the claim that holds the role")
    jwt_scope_claim: str = Field("scope", min_length=1, description="the claim that holds the scopes")
    forged_tokens_per_minute: int = Field(
        20, ge=1, le=1_000_000, description="forged tokens from one address before it gets 429 for the minute"
    )
    opening_hours: OpeningHoursText = Field(
        USUAL_HOURS, description="when the center is open; weekly plans stay within"
    )
    model_check_seconds: float = Field(
        30.0, gt=0, le=3600, description="how often each worker looks for newly fitted models"
    )
    model_refresh: bool = Field(
        default=True, description="whether the server fits by itself: models daily, distributions hourly"
    )
    cors_origins: str = Field(
        "http://localhost:3000,http://localhost:5173",
        description="browser origins that may call with credentials, comma separated",
    )
    data_dir: Path = Field(Path(".data"), description="where the embedded server and secrets are kept")
    pg_bin: Path | None = Field(None, description="folder of PostgreSQL's programs, instead of the wheel's")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="least level logged")

    @field_validator("database_url", "database_direct_url", "database_replica_url")
    @classmethod
    def _is_postgresql(cls, value: str | None) -> str | None:
        if not value:
            return None
        try:
            libpq_url(value)
        except BadDatabaseUrl as error:
            raise ValueError(str(error)) from None
        return value

    @field_validator("jwks_url", "jwks_file", "jwt_issuer", "jwt_audience", mode="before")
    @classmethod
    def _empty_is_not_set(cls, value: object) -> object:
        return None if value == "" else value

    @field_validator("jwks_url")
    @classmethod
    def _is_a_web_address(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username is not None:
            raise ValueError("must be an http or https address without a user name")
        return value

    @field_validator("rate_limit_general", "rate_limit_analytics", "rate_limit_recommendations")
    @classmethod
    def _is_a_quota(cls, value: str) -> str:
        read_quotas(value)
        return value

    @field_validator("rate_limit_url")
    @classmethod
    def _is_a_store(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None or not value.get_secret_value():
            return None
        try:
            parse_url(value.get_secret_value())
        except ValueError:
            raise ValueError("must look like redis://host:6379/0, rediss://... or unix://...") from None
        return value

    @model_validator(mode="after")
    def _knows_what_is_direct(self) -> Self:
        if self.database_direct_url is not None and self.database_url is None:
            raise ValueError("DATABASE_DIRECT_URL is another way to DATABASE_URL, which is not set")
        return self

    @model_validator(mode="after")
    def _counts_in_one_place(self) -> Self:
        if self.workers > 1 and self.rate_limit_url is None:
            raise ValueError(
                "RATE_LIMIT_URL is required with WORKERS above 1: each would grant every limit anew"
            )
        return self

    @model_validator(mode="after")
    def _trusts_no_published_secret(self) -> Self:
        name, secret = self._secret
        if secret and is_weak(secret):
            raise ValueError(f"{name} must be a secret of your own, at least {SHORTEST_SECRET} bytes long")
        if self.cursor_secret and is_weak(self.cursor_secret.get_secret_value()):
            raise ValueError(f"CURSOR_SECRET must be a secret, at least {SHORTEST_SECRET} bytes long")
        return self

    @model_validator(mode="after")
    def _knows_whose_tokens_to_trust(self) -> Self:
        if self.jwks_url and self.jwks_file:
            raise ValueError("JWKS_URL and JWKS_FILE exclude each other")
        if self.development:
            return self
        if not (self._secret[1] or self.jwks_url or self.jwks_file):
            raise ValueError("JWT_SECRET, JWKS_URL or JWKS_FILE is required in production")
        if self.jwks_url and not _is_private_to_us(self.jwks_url):
            raise ValueError(
                "JWKS_URL must be https in production: whoever alters keys underway can be anybody"
            )
        return self

    @property
    def development(self) -> bool:
        """Whether this is somebody's own machine."""
        return self.environment == "development"

    @property
    def introspection_roles(self) -> frozenset[Role]:
        """The roles that may read the GraphQL schema."""
        who = self.introspection or ("everyone" if self.development else "admin")
        return {"everyone": frozenset(Role), "admin": frozenset({Role.ADMIN}), "nobody": frozenset[Role]()}[
            who
        ]

    @property
    def origins(self) -> list[str]:
        """The browser origins, one by one."""
        return [origin for origin in (part.strip() for part in self.cors_origins.split(",")) if origin]

    @property
    def signing_secret(self) -> str | None:
        """The secret of HS256 tokens; None where only a key set is trusted.

        Development makes one at first need and keeps it in the data folder.
        """
        secret = self._secret[1]
        if secret:
            return secret
        return kept_secret(self.data_dir / "jwt_secret") if self.development else None

    @property
    def secret_of_cursors(self) -> str | None:
        """The secret that cursors are sealed with; None where each server has to make a random one."""
        return (self.cursor_secret.get_secret_value() if self.cursor_secret else "") or self.signing_secret

    @property
    def _secret(self) -> tuple[str, str]:
        """The secret that is set, after the name it is set by; empty where none is."""
        jwt_secret = self.jwt_secret.get_secret_value() if self.jwt_secret else ""
        secret_key = self.secret_key.get_secret_value() if self.secret_key else ""
        return ("JWT_SECRET", jwt_secret) if jwt_secret or not secret_key else ("SECRET_KEY", secret_key)

    @property
    def quotas(self) -> Mapping[LimitClass, Mapping[Role, Quota]]:
        """The quota of each class of limits for each role."""
        return {
            LimitClass.GENERAL: read_quotas(self.rate_limit_general),
            LimitClass.ANALYTICS: read_quotas(self.rate_limit_analytics),
            LimitClass.RECOMMENDATIONS: read_quotas(self.rate_limit_recommendations),
        }


def read_settings(**overrides: object) -> Settings:
    """Read the settings; `overrides` win over the environment.

    Raises:
        BadSettings: a value is missing or not usable.
    """
    try:
        return Settings(**overrides)  # pyright: ignore[reportArgumentType]
    except ValidationError as error:
        lines = (_line(problem["loc"], problem["msg"]) for problem in error.errors())
        raise BadSettings("\n".join(lines)) from None


def hand_down(values: Mapping[str, str]) -> None:
    """Put settings into the environment, where the worker processes read them."""
    os.environ.update(values)


def _line(location: tuple[int | str, ...], message: str) -> str:
    text = message.removeprefix("Value error, ")
    return f"{'.'.join(map(str, location)).upper()}: {text}" if location else text


def _is_private_to_us(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "https" or parts.hostname in _LOOPBACK
