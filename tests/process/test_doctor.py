"""What `doctor` says of the audit's safety, the store of the limits and the keys of tokens."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from audit_records import rows
from click.testing import CliRunner
from conftest import Databases
from harness import open_folder
from identity.issuer import every_key, running_issuer
from process.program import SECRET, free_port

from db.embedded import EmbeddedPostgres
from db.migrate import migrate
from gateway.cli import main
from gateway.settings import Settings

Doctor = Callable[..., str]

PATIENT = {"RATE_LIMIT_WAIT_SECONDS": 5}


@pytest.fixture
def doctor(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Doctor:
    """Run the command in an empty folder and return its words; its exit code must fit them."""
    monkeypatch.chdir(folder)

    def run(**settings: object) -> str:
        environment: dict[str, str | None] = dict.fromkeys(map(str.upper, Settings.model_fields))
        environment |= {name: str(value) for name, value in {"JWT_SECRET": SECRET, **settings}.items()}
        result = CliRunner().invoke(main, ["doctor"], env=environment)
        assert result.exit_code == int("FAIL" in result.stdout), result.output
        return result.stdout

    return run


@pytest.fixture(scope="module")
def migrated(databases: Databases) -> Iterator[str]:
    """The name of a migrated database, for tests to read or to copy."""
    migrate(databases.create("doctor"))
    yield "doctor"
    databases.drop("doctor")


@pytest.fixture(scope="module")
def url(databases: Databases, migrated: str) -> str:
    return databases.url_of(migrated)


@pytest.fixture
def own_url(databases: Databases, migrated: str) -> Iterator[str]:
    """A migrated database that a test may change."""
    with databases.temporary(migrated) as url:
        yield url


@contextmanager
def login(url: str, name: str, *grants: str) -> Iterator[str]:
    """Give the address of a new user of a database."""
    parts = psycopg.conninfo.conninfo_to_dict(url)
    rows(url, f"CREATE ROLE {name} LOGIN PASSWORD 'invented'")
    try:
        for grant in grants:
            rows(url, f"GRANT {grant} TO {name}")
        yield f"postgresql://{name}:invented@/{parts['dbname']}?host={parts['host']}&port={parts['port']}"
    finally:
        rows(url, f"DROP OWNED BY {name}")
        rows(url, f"DROP ROLE {name}")


def test_a_migrated_database_is_safe(doctor: Doctor, url: str) -> None:
    told = doctor(DATABASE_URL=url)

    assert "ok   role: connections assume wellness_gateway" in told
    assert "ok   audit rights: wellness_gateway can change no record" in told
    assert "ok   audit months: partitions until 2" in told
    assert "ok   server log: terse errors" in told


def test_a_database_that_is_not_migrated_has_no_role_to_assume(
    doctor: Doctor, empty_database_url: str
) -> None:
    told = doctor(DATABASE_URL=empty_database_url)

    assert "FAIL role: connections stay wellness's: the database is not migrated" in told
    assert "-> run python -m gateway migrate" in told
    assert "audit rights" not in told


@pytest.mark.parametrize(
    ("right", "told_as"),
    [
        ("UPDATE (actor) ON gateway.audit_record", "UPDATE"),
        ("DELETE, TRUNCATE ON gateway.audit_record", "DELETE, TRUNCATE"),
        ("DELETE ON gateway.audit_chain", "DELETE"),
    ],
)
def test_a_role_that_could_change_records_is_found(
    doctor: Doctor, own_url: str, right: str, told_as: str
) -> None:
    rows(own_url, f"GRANT {right} TO wellness_gateway")

    told = doctor(DATABASE_URL=own_url)

    assert f"FAIL audit rights: wellness_gateway can change records: {told_as}\n" in told
    assert "-> take them from wellness_gateway" in told


def test_a_right_on_one_month_is_found(doctor: Doctor, own_url: str) -> None:
    month = rows(own_url, "SELECT max(relid::regclass::text) FROM pg_partition_tree('gateway.audit_record')")
    rows(own_url, f"GRANT DELETE ON {month[0][0]} TO wellness_gateway")

    assert "FAIL audit rights: wellness_gateway can change records: DELETE" in doctor(DATABASE_URL=own_url)


def test_a_user_who_is_no_member_is_told_what_to_grant(doctor: Doctor, own_url: str) -> None:
    everything = "SELECT ON ALL TABLES IN SCHEMA public, gateway"
    with login(own_url, "doctors_guest", "USAGE ON SCHEMA public, gateway", everything) as guest:
        told = doctor(DATABASE_URL=guest)

    assert "FAIL role: connections stay doctors_guest's, who is no member of wellness_gateway" in told
    assert 'GRANT wellness_gateway TO "doctors_guest"' in told
    assert "ok   audit rights: doctors_guest can change no record" in told


def test_a_role_without_rights_in_the_database_is_told_of(doctor: Doctor, own_url: str) -> None:
    rows(own_url, "REVOKE USAGE ON SCHEMA gateway FROM wellness_gateway")

    told = doctor(DATABASE_URL=own_url)

    assert "FAIL role: connections stay wellness's: wellness_gateway may not use" in told
    assert "-> run the grants of db/migrations" in told


def test_behind_a_pooler_the_user_must_be_harmless_himself(doctor: Doctor, url: str) -> None:
    told = doctor(DATABASE_URL=f"{url}&pgbouncer=true")
    assert "ok   role: connections stay wellness's: behind a transaction pooler" in told
    assert "FAIL audit rights: wellness can change records: DELETE, TRUNCATE, UPDATE, ownership" in told
    assert "-> let connections assume wellness_gateway, or be a member's of it" in told

    with login(url, "doctors_member", "wellness_gateway") as member:
        told = doctor(DATABASE_URL=f"{member}&pgbouncer=true")
    assert "ok   audit rights: doctors_member can change no record" in told


@pytest.mark.parametrize("ahead", [0, 1])
def test_a_month_without_a_partition_is_named(doctor: Doctor, own_url: str, ahead: int) -> None:
    month = f"(now() AT TIME ZONE 'UTC' + interval '{ahead} months')"
    ((name, words),) = rows(own_url, f"SELECT to_char({month}, 'YYYY_MM'), to_char({month}, 'YYYY-MM')")
    rows(own_url, f"DROP TABLE gateway.audit_record_{name}")

    told = doctor(DATABASE_URL=own_url)

    assert f"FAIL audit months: no partition for {words}" in told
    assert "-> start the gateway, which makes them" in told


@pytest.mark.slow
def test_a_server_without_the_role_is_told_how_to_make_it(doctor: Doctor) -> None:
    quick = {"fsync": "off", "shared_buffers": "16MB"}
    with open_folder() as folder, EmbeddedPostgres(folder / "postgres", settings=quick) as server:
        url = server.start()
        migrate(url)
        rows(url, "DROP OWNED BY wellness_gateway")
        rows(url, "DROP ROLE wellness_gateway")
        told = doctor(DATABASE_URL=url)

    assert "FAIL role: connections stay wellness's: there is no role wellness_gateway" in told
    assert 'CREATE ROLE wellness_gateway NOLOGIN; GRANT wellness_gateway TO "wellness"' in told


def test_what_is_not_set_is_not_looked_at(doctor: Doctor, url: str) -> None:
    told = doctor(DATABASE_URL=url)

    assert " limits: " not in told
    assert " keys: " not in told


def test_a_store_that_answers_is_fine(doctor: Doctor, url: str, store_url: str) -> None:
    assert "ok   limits: the store answers" in doctor(DATABASE_URL=url, RATE_LIMIT_URL=store_url, **PATIENT)


def test_a_store_that_is_away_is_told_without_its_password(doctor: Doctor, url: str) -> None:
    away = f"redis://someone:hidden@127.0.0.1:{free_port()}"
    told = doctor(DATABASE_URL=url, RATE_LIMIT_URL=away, **PATIENT)

    assert "FAIL limits: the store does not answer in 5 s (ConnectionError)" in told
    assert "-> start it, or mend RATE_LIMIT_URL" in told
    assert "hidden" not in told


def test_the_keys_of_an_issuer_are_counted(doctor: Doctor, url: str) -> None:
    with running_issuer() as issuer:
        assert "ok   keys: 3 usable (ES256, EdDSA, RS256)" in doctor(DATABASE_URL=url, JWKS_URL=issuer.url)

        issuer.status = 500
        told = doctor(DATABASE_URL=url, JWKS_URL=issuer.url)
    assert "FAIL keys: JWKS_URL cannot be used (CannotFetch: HTTPError)" in told
    assert "-> let it be a JSON Web Key Set" in told


def test_the_keys_of_a_file_are_counted(doctor: Doctor, url: str, folder: Path) -> None:
    file = folder / "keys.json"
    file.write_bytes(every_key())
    assert "ok   keys: 3 usable (ES256, EdDSA, RS256)" in doctor(DATABASE_URL=url, JWKS_FILE=file)

    file.write_text(json.dumps({"keys": []}))
    told = doctor(DATABASE_URL=url, JWKS_FILE=file)
    assert "FAIL keys: JWKS_FILE cannot be used (BadKeySet: no usable key)" in told
