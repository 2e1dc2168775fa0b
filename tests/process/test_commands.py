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

COMMANDS = ("serve", "token", "migrate", "seed", "schema", "doctor", "audit")

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


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("--role", "OWNER"), "'staff'"),
        (("--role", "ADMIN", "--ttl", "soon"), "30m, 1h or 7d"),
        (("--role", "ADMIN", "--ttl", "0s"), "ttl"),
        (("--role", "ADMIN", "--ttl", "999999999d"), "ttl"),
        ((), "--role"),
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
    assert first.stdout.startswith("50 customers, ")
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


@pytest.mark.parametrize(
    "secret",
    ["", "too short", "your-secret-key-here-change-in-production"],
    ids=["none", "weak", "published"],
)
def test_production_asks_for_a_secret_of_its_own(run: Run, secret: str) -> None:
    refused = run("serve", ENVIRONMENT="production", JWT_SECRET=secret)

    assert refused.exit_code == 1
    assert "JWT_SECRET" in refused.stderr
    assert not secret or secret not in refused.stderr


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
