"""The embedded server, with real servers: what it keeps, who may own it, and what it survives."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from db.embedded import (
    BinariesNotFound,
    ClusterVersionMismatch,
    EmbeddedPostgres,
    ServerNotReachable,
)
from db.embedded.binaries import WHEEL, WHEEL_INSTALL, locate
from db.embedded.home import Home, current_home

REPOSITORY = Path(__file__).parents[2]
DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")
QUICK = {"fsync": "off", "shared_buffers": "16MB"}

root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root's server runs as another user")
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="the kernel's part is Linux's")

OWN_UNTIL_KILLED = """
import sys, time
from pathlib import Path
from db.embedded import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]))
print(server.start(), flush=True)
time.sleep(60)
"""

ATTACH_AND_READ = """
import sys
from pathlib import Path
import psycopg
from db.embedded import EmbeddedPostgres
with EmbeddedPostgres(Path(sys.argv[1])) as server, psycopg.connect(server.start()) as connection:
    print("owner" if server.owner else "attached", *connection.execute("SELECT word FROM kept").fetchone())
"""

# signalled in the very hook that Python runs after a fork, where an exception is swallowed
SIGNALLED_IN_THE_FORK = """
import os, signal, sys
from pathlib import Path
from db.embedded import EmbeddedPostgres
hooks = []
def signal_once():
    hooks.append(None)
    if len(hooks) == 1:
        signal.raise_signal(signal.SIGINT)
os.register_at_fork(after_in_parent=signal_once)
with EmbeddedPostgres(Path(sys.argv[1])) as server:
    try:
        server.start()
    except KeyboardInterrupt:
        print("interrupted", "owner" if server.owner else "and stopped", "after", len(hooks))
"""

# as on macOS, where no kernel tells the server of its owner's death
OWN_UNSEEN_UNTIL_KILLED = OWN_UNTIL_KILLED.replace("server =", "sys.platform = 'darwin'\nserver =")

Owners = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder that the server's user can enter; pytest's own are 0700, and root's server is not root."""
    if os.geteuid() != 0:
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(prefix="wellness-test-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture
def state(folder: Path) -> Path:
    return folder / "state"


@pytest.fixture(scope="module")
def shared_state() -> Iterator[Path]:
    """A state that tests use in turn, with a first row in `kept`; one that spoils it takes `used_state`."""
    with tempfile.TemporaryDirectory(prefix="wellness-test-") as name:
        Path(name).chmod(0o755)
        state = Path(name) / "state"
        with EmbeddedPostgres(state, settings=QUICK) as server:
            keep(server.start(), "first")
        yield state


@pytest.fixture
def used_state(shared_state: Path, state: Path) -> Path:
    """A copy of `shared_state` for one test alone."""
    holes = "--sparse=always" if sys.platform == "linux" else "-c"  # most of a new cluster is zeros
    subprocess.run(["cp", "-a", holes, shared_state, state], check=True)
    return state


@pytest.fixture
def owner_process() -> Iterator[Owners]:
    """Start a process that owns the server of a state folder; it has started when this returns."""
    owners: list[subprocess.Popen[str]] = []

    def start(state: Path, script: str = OWN_UNTIL_KILLED) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", script, str(state)]
        owner = subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True)
        owners.append(owner)
        assert owner.stdout is not None
        assert owner.stdout.readline().startswith("postgresql://")
        return owner

    yield start
    for owner in owners:
        kill(owner)


def kill(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.wait()
    if process.stdout is not None:
        process.stdout.close()


def keep(url: str, word: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (word text)")
        connection.execute("INSERT INTO kept VALUES (%s)", [word])


def kept(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        return [word for (word,) in connection.execute("SELECT word FROM kept")]


def asked(url: str, question: str) -> tuple[object, ...]:
    with psycopg.connect(url) as connection:
        return connection.execute(question).fetchone() or ()


def postmaster(state: Path) -> int:
    return int((current_home(state).data / "postmaster.pid").read_text().split()[0])


def wait_for(condition: Callable[[], bool], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


def test_a_cold_start_answers_and_says_its_version_and_locale(state: Path) -> None:
    with EmbeddedPostgres(state) as server:
        url = server.start()

        assert server.owner
        assert asked(url, "SHOW server_version") == (server.server_version,)
        assert asked(url, "SELECT current_database(), current_user") == ("wellness", "wellness")
        locale = "SELECT datlocprovider, datlocale FROM pg_database WHERE datname = current_database()"
        assert asked(url, locale) == ("b", "C.UTF-8")
        assert asked(url, "SHOW timezone") == ("UTC",)
        assert asked(url, "SHOW fsync") == ("on",)


def test_only_the_password_opens_it_and_only_on_the_socket(shared_state: Path) -> None:
    with EmbeddedPostgres(shared_state, settings=QUICK) as server:
        url = server.start()
        home = current_home(shared_state)

        assert asked(url, "SHOW listen_addresses") == ("",)
        assert home.password_file.stat().st_mode & 0o077 == 0
        assert home.socket_folder.stat().st_mode & 0o077 == 0
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(url.replace(home.password_file.read_text(), "guessed"))


def test_a_second_start_finds_the_data(shared_state: Path) -> None:
    for _ in range(2):
        with EmbeddedPostgres(shared_state, settings=QUICK) as server:
            assert "first" in kept(server.start())


def test_a_missing_database_is_created_again(shared_state: Path) -> None:
    with EmbeddedPostgres(shared_state, settings=QUICK) as server:
        server.start()
        with psycopg.connect(current_home(shared_state).url("postgres"), autocommit=True) as connection:
            connection.execute("DROP DATABASE wellness")
    with EmbeddedPostgres(shared_state, settings=QUICK) as server:
        url = server.start()
        assert asked(url, "SELECT current_database()") == ("wellness",)
        keep(url, "first")


def test_a_callers_environment_changes_nothing(shared_state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"PGPORT": "1", "PGHOST": "nowhere", "PGDATA": "/nowhere", "PGUSER": "nobody"}.items():
        monkeypatch.setenv(name, value)
    with EmbeddedPostgres(shared_state, settings=QUICK) as server:
        assert "first" in kept(server.start())


def test_a_second_process_attaches_and_leaves_the_server_running(shared_state: Path) -> None:
    with EmbeddedPostgres(shared_state, settings=QUICK) as server:
        url = server.start()
        command = [sys.executable, "-c", ATTACH_AND_READ, str(shared_state)]
        second = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True)

        assert second.stdout.split() == ["attached", "first"]
        assert "first" in kept(url)


def test_stop_ends_the_server_and_gives_up_ownership(shared_state: Path) -> None:
    server = EmbeddedPostgres(shared_state, settings=QUICK)
    url = server.start()
    pid = postmaster(shared_state)
    server.stop()

    assert not server.owner
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url)


@linux_only
def test_the_server_does_not_inherit_the_lock(shared_state: Path) -> None:
    with EmbeddedPostgres(shared_state, settings=QUICK) as server:
        server.start()
        opened = {str(entry.readlink()) for entry in Path(f"/proc/{postmaster(shared_state)}/fd").iterdir()}

        assert str(current_home(shared_state).log) in opened
        assert str(shared_state / "lock") not in opened


@linux_only
def test_a_killed_owners_server_goes_away_by_itself(shared_state: Path, owner_process: Owners) -> None:
    owner = owner_process(shared_state)
    attached = EmbeddedPostgres(shared_state)
    keep(attached.start(), "a word to an owner")
    assert not attached.owner
    kill(owner)

    # a clean end removes the file, a crash leaves it
    wait_for(lambda: not (current_home(shared_state).data / "postmaster.pid").exists())
    with attached:
        assert "a word to an owner" in kept(attached.start())
        assert attached.owner


def test_the_next_owner_need_not_wait_for_a_killed_owners_server(
    shared_state: Path, owner_process: Owners
) -> None:
    owner = owner_process(shared_state)
    keep(EmbeddedPostgres(shared_state).start(), "a last word")
    kill(owner)
    with EmbeddedPostgres(shared_state) as server:
        assert "a last word" in kept(server.start())
        assert server.owner


def test_a_server_that_outlived_its_owner_gives_way(shared_state: Path, owner_process: Owners) -> None:
    owner = owner_process(shared_state, OWN_UNSEEN_UNTIL_KILLED)
    orphan = postmaster(shared_state)
    kill(owner)
    time.sleep(0.2)
    os.kill(orphan, 0)  # it lives

    with EmbeddedPostgres(shared_state) as server:
        assert "first" in kept(server.start())
        assert server.owner
        assert postmaster(shared_state) != orphan


def test_a_killed_postmaster_is_started_again_with_its_data(shared_state: Path) -> None:
    with EmbeddedPostgres(shared_state) as server:
        url = server.start()
        with psycopg.connect(url):  # a session whose process has to leave first
            keep(url, "a word in time")
            os.kill(postmaster(shared_state), signal.SIGKILL)

            assert "a word in time" in kept(server.start())


def test_a_signal_in_the_midst_of_a_fork_is_neither_lost_nor_leaves_a_server(shared_state: Path) -> None:
    command = [sys.executable, "-c", SIGNALLED_IN_THE_FORK, str(shared_state)]
    ran = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True)

    assert ran.stdout == "interrupted and stopped after 1\n"
    assert ran.stderr == ""
    assert not (current_home(shared_state).data / "postmaster.pid").exists()


@pytest.mark.slow  # a slow init keeps the killed postmaster's name for seconds
def test_owner_and_postmaster_killed_together_lose_nothing(used_state: Path, owner_process: Owners) -> None:
    owner = owner_process(used_state)
    keep(EmbeddedPostgres(used_state).start(), "second")
    os.kill(postmaster(used_state), signal.SIGKILL)
    kill(owner)
    with EmbeddedPostgres(used_state) as server:
        assert kept(server.start())[-1] == "second"


@pytest.mark.slow
def test_a_half_made_cluster_is_replaced(state: Path) -> None:
    command = [sys.executable, "-c", OWN_UNTIL_KILLED, str(state)]
    owner = subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True)
    wait_for(lambda: any(state.glob("cluster.new.*/data/base")))
    kill(owner)

    for _ in range(2):  # the killed gateway's initdb may write on beside the first
        with EmbeddedPostgres(state) as server:
            assert asked(server.start(), "SELECT current_database()") == ("wellness",)
    assert not list(state.glob("cluster.new.*"))


def test_data_of_another_major_version_is_refused_with_words(state: Path) -> None:
    Home(state).data.mkdir(parents=True)
    (Home(state).data / "PG_VERSION").write_text("14\n")
    server = EmbeddedPostgres(state)
    with pytest.raises(ClusterVersionMismatch, match=r"PostgreSQL 14's.*pg_upgrade or pg_dump"):
        server.start()
    assert not server.owner


def test_a_folder_without_programs_is_refused_rather_than_passed_over(state: Path, tmp_path: Path) -> None:
    with pytest.raises(BinariesNotFound, match="name the bin folder"):
        EmbeddedPostgres(state, binaries=tmp_path).start()


def test_a_setting_postgres_refuses_is_said_at_once(shared_state: Path) -> None:
    server = EmbeddedPostgres(shared_state, settings={"shared_buffers": "some"})
    with pytest.raises(
        ServerNotReachable, match=r'postgres ended.*invalid value for parameter "shared_buffers"'
    ):
        server.start()
    assert not server.owner


def test_its_log_quotes_no_row(shared_state: Path) -> None:
    with EmbeddedPostgres(shared_state) as server, psycopg.connect(server.start()) as connection:
        connection.execute("CREATE TEMP TABLE people (name text, age integer CHECK (age > 0))")
        with pytest.raises(psycopg.errors.CheckViolation):
            connection.execute("INSERT INTO people VALUES (%s, -1)", ["홍길동"])

    log = current_home(shared_state).log.read_text()
    assert "violates check constraint" in log
    assert "홍길동" not in log


def test_a_deep_state_folder_has_its_socket_elsewhere(used_state: Path) -> None:
    state = used_state.rename(used_state.with_name("deep" * 25))
    with EmbeddedPostgres(state, settings=QUICK) as server:
        url = server.start()
        socket_folder = current_home(state).socket_folder

        assert "first" in kept(url)
        assert state not in socket_folder.parents
        assert socket_folder.stat().st_mode & 0o077 == 0
    assert not socket_folder.exists()


def test_a_socket_folder_open_to_others_is_refused(folder: Path) -> None:
    deep = folder / ("deep" * 25)
    squatted = Home(deep).socket_folder
    squatted.mkdir(mode=0o755)
    try:
        with pytest.raises(ServerNotReachable, match="not private"):
            EmbeddedPostgres(deep).start()
    finally:
        squatted.rmdir()


@pytest.mark.slow
@root_only
def test_a_state_folder_closed_to_the_servers_user_points_to_an_open_one(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    state = closed / "state"
    try:
        for word in ("first", "second"):
            with EmbeddedPostgres(state, settings=QUICK) as server:
                keep(server.start(), word)
                assert kept(EmbeddedPostgres(state).start())[-1] == word  # by attaching
        with EmbeddedPostgres(state, settings=QUICK) as server:
            assert kept(server.start()) == ["first", "second"]

        assert state not in current_home(state).data.parents
        assert closed.stat().st_mode & 0o777 == 0o700
    finally:
        shutil.rmtree(current_home(state).folder)
    with pytest.raises(ServerNotReachable, match="which is gone"):
        EmbeddedPostgres(state).start()


@root_only
@pytest.mark.slow
def test_programs_in_a_closed_environment_are_copied_for_the_servers_user(
    state: Path, tmp_path: Path
) -> None:
    installed = locate(None).folder.parents[2]
    closed = tmp_path / "closed"
    for part in (f"{WHEEL}/{WHEEL_INSTALL}", f"{WHEEL}.libs"):
        shutil.copytree(installed / part, closed / part, symlinks=True)
    closed.chmod(0o700)

    with EmbeddedPostgres(state, closed / WHEEL / WHEEL_INSTALL / "bin", QUICK) as server:
        assert asked(server.start(), "SELECT 1") == (1,)
        running = Path(f"/proc/{postmaster(state)}/exe").resolve()
        assert state / f"binaries-{server.server_version}" in running.parents
    assert closed.stat().st_mode & 0o777 == 0o700


@root_only
def test_root_runs_an_ordinary_users_server_as_that_user(used_state: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    for path in (used_state, *used_state.rglob("*")):
        os.chown(path, nobody.pw_uid, nobody.pw_gid)
    with EmbeddedPostgres(used_state, settings=QUICK) as server:
        assert "first" in kept(server.start())
        assert Path(f"/proc/{postmaster(used_state)}").stat().st_uid == nobody.pw_uid


@pytest.mark.slow
@pytest.mark.skipif(not DEBIAN_15.exists(), reason="needs Debian's postgresql-15")
def test_an_older_postgresql_of_the_system_serves_too(state: Path) -> None:
    with EmbeddedPostgres(state, DEBIAN_15, QUICK) as server:
        url = server.start()
        assert str(server.server_version).startswith("15.")
        assert asked(url, "SHOW lc_collate") == ("C.UTF-8",)


@pytest.mark.slow
def test_twenty_killed_owners_leave_every_committed_row(used_state: Path, owner_process: Owners) -> None:
    words: list[str] = []
    for number in range(20):
        owner = owner_process(used_state)
        words.append(str(number))
        keep(EmbeddedPostgres(used_state).start(), words[-1])
        if number % 2:
            os.kill(postmaster(used_state), signal.SIGKILL)
        kill(owner)
    with EmbeddedPostgres(used_state) as server:
        assert kept(server.start())[-20:] == words
