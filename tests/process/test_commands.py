"""The commands beside `serve`, most of them without a process of their own: a start takes a second."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import jwt
import psycopg
import pytest
from click.testing import CliRunner, Result
from process.program import REPOSITORY, SECRET, command, free_port

from gateway.cli import main
from gateway.settings import Settings

COMMANDS = ("serve", "token", "migrate", "seed", "fit", "evaluate", "schema", "doctor", "audit")

Run = Callable[..., Result]


@pytest.fixture
def run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command in an empty folder, with some settings and none of the test run's."""
    monkeypatch.chdir(folder)

    def run(*arguments: str, **settings: object) -> Result:
        environment: dict[str, str | None] = dict.fromkeys(map(str.upper, Settings.model_fields))
        environment |= {name: str(value) for name, value in settings.items()}
        result = CliRunner().invoke(main, arguments, env=environment, prog_name="python -m gateway")
        assert result.exception is None or isinstance(result.exception, SystemExit)
        return result

    return run


def test_help_lists_every_command(folder: Path) -> None:
    shown = command("--help", cwd=folder)

    assert shown.returncode == 0
    assert all(f"\n  {name} " in shown.stdout for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_whatever_the_settings(run: Run, name: str) -> None:
    shown = run(name, "--help", PORT="abc")

    assert shown.exit_code == 0
    assert shown.stdout.startswith("Usage: python -m gateway")


def test_a_token_has_the_role_scopes_and_lifetime_asked_for(run: Run) -> None:
    arguments = ("--role", "manager", "--sub", "m@center.example", "--scope", "health:read", "--ttl", "7d")
    made = run("token", *arguments, JWT_SECRET=SECRET)

    claims = jwt.decode(made.stdout.strip(), SECRET, algorithms=["HS256"])
    assert (claims["sub"], claims["role"], claims["scope"]) == ("m@center.example", "MANAGER", "health:read")
    assert claims["exp"] - claims["iat"] == timedelta(days=7).total_seconds()


def test_a_token_without_a_role_leaves_it_to_the_users(run: Run) -> None:
    made = run("token", "--no-role", "--sub", "m@center.example", SECRET_KEY=SECRET)

    claims = jwt.decode(made.stdout.strip(), SECRET, algorithms=["HS256"])
    assert claims["sub"] == "m@center.example"
    assert "role" not in claims


def test_a_token_has_the_issuer_audience_and_claim_names_of_the_settings(run: Run) -> None:
    names = {"JWT_ROLE_CLAIM": "center_role", "JWT_SCOPE_CLAIM": "rights"}
    whose = {"JWT_ISSUER": "https://login.center.example", "JWT_AUDIENCE": "wellness"}
    made = run("token", "--role", "STAFF", "--scope", "health:read", JWT_SECRET=SECRET, **names, **whose)

    claims = jwt.decode(made.stdout.strip(), SECRET, algorithms=["HS256"], audience="wellness")
    assert claims["iss"] == "https://login.center.example"
    assert (claims["center_role"], claims["rights"]) == ("STAFF", "health:read")


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("--role", "OWNER"), "'staff'"),
        (("--role", "ADMIN", "--ttl", "soon"), "30m, 1h or 7d"),
        (("--role", "ADMIN", "--ttl", "0s"), "ttl"),
        (("--role", "ADMIN", "--ttl", "999999999d"), "ttl"),
        ((), "--role"),
        (("--role", "ADMIN", "--no-role"), "--no-role"),
    ],
)
def test_a_wrong_token_is_refused_in_words(run: Run, arguments: tuple[str, ...], word: str) -> None:
    refused = run("token", *arguments, JWT_SECRET=SECRET)

    assert refused.exit_code == 2
    assert word in refused.stderr
    assert refused.stdout == ""


def test_the_stored_schema_is_that_of_the_code(run: Run) -> None:
    checked = run("schema", "--check", str(REPOSITORY / "schema" / "schema.graphql"))

    assert (checked.exit_code, checked.stderr) == (0, "")


def test_another_schema_is_refused_in_words(run: Run) -> None:
    Path("old.graphql").write_text("type Query { nothing: Int }\n")
    checked = run("schema", "--check", "old.graphql")

    assert checked.exit_code == 1
    assert "make schema" in checked.stderr


def test_migrate_and_seed_fill_a_database_once(run: Run, empty_database_url: str) -> None:
    first, second = (run("migrate", DATABASE_URL=empty_database_url) for _ in range(2))
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert "migrated from an empty database" in first.stdout
    assert "already at" in second.stdout

    seed = ("seed", "--customers", "50", "--rng", "7")
    first, second = (run(*seed, DATABASE_URL=empty_database_url) for _ in range(2))
    assert (first.exit_code, second.exit_code) == (0, 1)
    loaded, fitted = first.stdout.splitlines()
    assert loaded.startswith("50 customers, ")
    assert fitted.startswith("models fitted in ")
    assert "already has customers" in second.stderr
    with psycopg.connect(empty_database_url) as connection:
        assert connection.execute("SELECT count(*) FROM public.customers").fetchone() == (50,)

    examined = run("doctor", DATABASE_URL=empty_database_url)
    assert examined.exit_code == 0
    assert "customers: 50" in examined.stdout
    assert "FAIL" not in examined.stdout


def test_seed_is_refused_in_production(run: Run, empty_database_url: str) -> None:
    refused = run("seed", DATABASE_URL=empty_database_url, ENVIRONMENT="production", JWT_SECRET=SECRET)

    assert refused.exit_code == 1
    assert "not for production" in refused.stderr


def test_doctor_says_what_to_do_about_missing_migrations(run: Run, empty_database_url: str) -> None:
    examined = run("doctor", DATABASE_URL=empty_database_url)

    assert examined.exit_code == 1
    assert "FAIL migrations" in examined.stdout
    assert "python -m gateway migrate" in examined.stdout


def test_doctor_says_what_to_do_about_a_database_that_is_away(run: Run) -> None:
    address = f"postgresql://nobody:hidden@127.0.0.1:{free_port()}/center"
    examined = run("doctor", DATABASE_URL=address, JWT_SECRET=SECRET)

    assert examined.exit_code == 1
    assert "FAIL database" in examined.stdout
    assert "-> start the server" in examined.stdout
    assert "hidden" not in examined.stdout
    assert SECRET not in examined.stdout


@pytest.mark.parametrize("name", ["serve", "migrate", "doctor"])
def test_settings_that_cannot_be_used_are_listed_in_words(run: Run, name: str) -> None:
    refused = run(name, PORT="abc", WORKERS=0, ENVIRONMENT="staging", LOG_LEVEL="loud", JWT_SECRET="short")

    assert refused.exit_code == 1
    for setting in ("PORT: ", "WORKERS: ", "ENVIRONMENT: ", "LOG_LEVEL: "):
        assert setting in refused.stderr
    assert "short" not in refused.stderr


def test_several_workers_ask_for_one_place_to_count_in(run: Run) -> None:
    refused = run("serve", WORKERS=2)

    assert refused.exit_code == 1
    assert "RATE_LIMIT_URL is required with WORKERS above 1" in refused.stderr


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("RATE_LIMIT_GENERAL", "1000"),
        ("RATE_LIMIT_GENERAL", "0/hour"),
        ("RATE_LIMIT_ANALYTICS", "100/year"),
        ("RATE_LIMIT_ANALYTICS", "100/hour, ADMIN"),
        ("RATE_LIMIT_ANALYTICS", "100/hour, OWNER=5/hour"),
        ("RATE_LIMIT_ANALYTICS", "100/hour, STAFF=5/hour, STAFF=6/hour"),
        ("RATE_LIMIT_RECOMMENDATIONS", ""),
        ("RATE_LIMIT_URL", "http://someone:hidden@127.0.0.1"),
        ("RATE_LIMIT_URL", "redis://127.0.0.1:hidden"),
    ],
)
def test_a_limit_that_cannot_be_read_is_refused_in_words(run: Run, setting: str, value: str) -> None:
    refused = run("serve", **{setting: value})

    assert refused.exit_code == 1
    assert f"{setting}: " in refused.stderr
    assert "hidden" not in refused.stderr


def test_doctor_keeps_the_password_of_the_store_to_itself(run: Run, empty_database_url: str) -> None:
    examined = run(
        "doctor", DATABASE_URL=empty_database_url, RATE_LIMIT_URL="redis://someone:hidden@127.0.0.1"
    )

    assert "RATE_LIMIT_URL" in examined.stdout
    assert "hidden" not in examined.stdout


_PUBLISHED = "your-secret-key-here-change-in-production"


@pytest.mark.parametrize("name", ["JWT_SECRET", "SECRET_KEY"])
@pytest.mark.parametrize(
    "secret",
    ["", "too short", "abc" * 20, _PUBLISHED],
    ids=["none", "short", "typed", "published"],
)
def test_production_asks_for_a_secret_of_its_own(run: Run, name: str, secret: str) -> None:
    refused = run("serve", ENVIRONMENT="production", **{name: secret})

    assert refused.exit_code == 1
    assert (name if secret else "JWT_SECRET") in refused.stderr
    assert not secret or secret not in refused.stderr


@pytest.mark.parametrize("secret", ["too short", _PUBLISHED])
def test_a_key_set_does_not_excuse_a_weak_secret(run: Run, secret: str) -> None:
    keys = "https://login.center.example/keys"
    refused = run("serve", ENVIRONMENT="production", JWKS_URL=keys, JWT_SECRET=secret)

    assert refused.exit_code == 1
    assert "JWT_SECRET" in refused.stderr


def test_production_with_a_key_set_needs_no_secret_and_makes_none(run: Run, folder: Path) -> None:
    keys = "https://login.center.example/keys"
    refused = run("token", "--role", "ADMIN", ENVIRONMENT="production", JWKS_URL=keys)

    assert refused.exit_code == 1
    assert "the issuer of the key set" in refused.stderr
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    "settings",
    [
        {"JWKS_URL": "ftp://login.center.example/keys"},
        {"JWKS_URL": "file:///etc/passwd"},
        {"JWKS_URL": "https://someone:hidden@login.center.example/keys"},
        {"JWKS_URL": "http://login.center.example/keys", "ENVIRONMENT": "production"},
        {"JWKS_URL": "https://login.center.example/keys", "JWKS_FILE": __file__},
        {"JWKS_FILE": "not_there.json"},
    ],
    ids=["another scheme", "a file", "with a password", "in the clear", "two sets", "no file"],
)
def test_a_key_set_that_cannot_be_trusted_is_refused_in_words(run: Run, settings: dict[str, str]) -> None:
    refused = run("doctor", **settings)

    assert refused.exit_code == 1
    assert "JWKS_" in refused.stderr
    assert "hidden" not in refused.stderr


def test_a_database_of_another_kind_is_refused_in_words(run: Run) -> None:
    refused = run("serve", DATABASE_URL="mysql://root:hidden@127.0.0.1/center")

    assert refused.exit_code == 1
    assert "DATABASE_URL" in refused.stderr
    assert "postgresql://" in refused.stderr
    assert "hidden" not in refused.stderr


def test_an_unknown_command_is_refused_in_words(run: Run) -> None:
    refused = run("fly")

    assert refused.exit_code == 2
    assert "fly" in refused.stderr
