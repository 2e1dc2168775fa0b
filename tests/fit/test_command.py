"""`python -m gateway fit`: what it says, and that it can be killed at any moment."""

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from audit_records import rows
from click.testing import CliRunner, Result
from fit.conftest import newest_parts, published
from process.program import environment_of_a_user, wait_until

from db.fitting.lock import fit_lock
from gateway.cli import main
from gateway.settings import Settings

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, **settings: object) -> Result:
        environment: dict[str, str | None] = dict.fromkeys(map(str.upper, Settings.model_fields))
        environment |= {name: str(value) for name, value in settings.items()}
        return CliRunner().invoke(main, arguments, env=environment)

    return run


def test_it_tells_what_was_fitted_and_fits_once_a_day_unless_it_is_forced(run: Run, small_url: str) -> None:
    first, second, forced = (
        run("fit", *options, DATABASE_URL=small_url) for options in ((), (), ("--force",))
    )

    (version, again) = published(small_url)
    assert (first.exit_code, second.exit_code, forced.exit_code) == (0, 0, 0)
    assert version in first.stdout
    assert "customers  60" in first.stdout
    assert "churn      r " in first.stdout
    assert "risk levels" in first.stdout
    assert "there already" in second.stdout
    assert again in forced.stdout


def test_a_second_one_at_the_same_time_says_so_and_ends(run: Run, small_url: str) -> None:
    with fit_lock(small_url):
        told = run("fit", DATABASE_URL=small_url)

    assert told.exit_code == 0
    assert "another process is fitting" in told.stdout
    assert published(small_url) == []


def test_a_database_that_is_not_migrated_is_refused_in_words(run: Run, empty_database_url: str) -> None:
    refused = run("fit", DATABASE_URL=empty_database_url)

    assert refused.exit_code == 1
    assert "python -m gateway migrate" in refused.stderr


def test_doctor_tells_of_models_and_of_those_who_renew_them(run: Run, small_url: str) -> None:
    missing = run("doctor", DATABASE_URL=small_url).stdout
    nobody = run("doctor", DATABASE_URL=small_url, MODEL_REFRESH="false")
    run("fit", DATABASE_URL=small_url)
    there = run("doctor", DATABASE_URL=small_url, MODEL_REFRESH="false").stdout

    assert "ok   models: none" in missing
    assert "python -m gateway fit" in missing
    assert nobody.exit_code == 1
    assert "FAIL models: none" in nobody.stdout
    assert f"ok   models: {published(small_url)[0]}, of today" in there


MARK = """
UPDATE gateway.fitted_model SET parts = parts || '{"mark": 1}' WHERE published_at IS NULL
"""


def stored_parts(url: str) -> list[str]:
    statement = "SELECT jsonb_object_keys(parts) FROM gateway.fitted_model WHERE published_at IS NULL"
    return [name for (name,) in rows(url, statement)]


@pytest.mark.slow
@pytest.mark.parametrize("moment", [1, 4, 6])
def test_killed_anywhere_it_goes_on_where_it_stopped(own_url: str, tmp_path: Path, moment: int) -> None:
    before = published(own_url)
    command = [sys.executable, "-m", "gateway", "fit"]
    environment = environment_of_a_user(DATABASE_URL=own_url)
    process = subprocess.Popen(command, cwd=tmp_path, env=environment)
    wait_until(lambda: len(stored_parts(own_url)) >= moment, 60)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert published(own_url) == before
    done = stored_parts(own_url)
    rows(own_url, MARK)

    again = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)

    assert len(published(own_url)) == len(before) + 1
    assert newest_parts(own_url)["mark"] == 1
    taken = again.stdout.partition("seconds")[2]
    assert not any(f"{name} " in taken for name in done)
