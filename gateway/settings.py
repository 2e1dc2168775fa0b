"""Every setting of the gateway, read once from the environment and `.env`."""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from access import Role
from db.urls import BadDatabaseUrl, libpq_url

_SHORTEST_SECRET = 32  # bytes: RFC 7518, section 3.2, asks HS256 for as many as its hash has
_PUBLISHED_SECRETS = frozenset({"your-secret-key-here-change-in-production", "change-me", "secret"})


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
    database_pool: int = Field(10, ge=1, le=200, description="database connections of each worker")
    database_wait_seconds: float = Field(
        2.0, gt=0, le=60, description="how long a request waits for a connection before it gets a 503"
    )
    operation_seconds: float = Field(
        10.0, gt=0, le=300, description="how long an operation may take; its SQL is cancelled then"
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
    cors_origins: str = Field(
        "http://localhost:3000,http://localhost:5173",
        description="browser origins that may call with credentials, comma separated",
    )
    data_dir: Path = Field(Path(".data"), description="where the embedded server and secrets are kept")
    pg_bin: Path | None = Field(None, description="folder of PostgreSQL's programs, instead of the wheel's")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="least level logged")

    @field_validator("database_url")
    @classmethod
    def _is_postgresql(cls, value: str | None) -> str | None:
        if not value:
            return None
        try:
            libpq_url(value)
        except BadDatabaseUrl as error:
            raise ValueError(str(error)) from None
        return value

    @model_validator(mode="after")
    def _has_a_strong_secret(self) -> Self:
        secret = self.jwt_secret.get_secret_value() if self.jwt_secret else ""
        if secret and (secret in _PUBLISHED_SECRETS or len(secret.encode()) < _SHORTEST_SECRET):
            raise ValueError(
                f"JWT_SECRET must be a secret of your own, at least {_SHORTEST_SECRET} bytes long"
            )
        if self.environment == "production" and not secret:
            raise ValueError("JWT_SECRET is required in production")
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
    def signing_secret(self) -> str:
        """The secret of the tokens. Development makes one at first need and keeps it in the data folder."""
        if self.jwt_secret:
            return self.jwt_secret.get_secret_value()
        return _kept_secret(self.data_dir / "jwt_secret")


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


def _kept_secret(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(descriptor, "w") as file:
        secret = secrets.token_urlsafe(48)
        file.write(secret)
    return secret
