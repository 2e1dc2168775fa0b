"""The operating system user whose programs make and run the server."""

import os
import pwd
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from db.embedded.errors import ServerNotReachable

# All that PostgreSQL's programs see, so that a caller's PGPORT, PGDATA or LC_ALL changes nothing.
ENVIRONMENT: Final[Mapping[str, str]] = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}

_STAND_INS_FOR_ROOT = ("postgres", "nobody")


@dataclass(frozen=True, slots=True)
class Account:
    """Who runs PostgreSQL's programs.

    Attributes:
        name: The login name, for messages.
        uid: The user to switch to; None runs as ourselves.
        gid: The group to switch to; None with `uid` None.
    """

    name: str
    uid: int | None = None
    gid: int | None = None

    @property
    def extra_groups(self) -> list[int] | None:
        """No group of root's goes along; None when nothing is switched."""
        return None if self.uid is None else []

    def run(self, *command: str | Path, timeout: float = 10) -> subprocess.CompletedProcess[str]:
        """Run a program to its end as this user.

        Raises:
            PermissionError: The user may not execute it.
            subprocess.TimeoutExpired: It took more than `timeout` seconds.
        """
        return subprocess.run(  # noqa: S603 - the program is PostgreSQL's or /bin/sh, its arguments are ours
            command,
            user=self.uid,
            group=self.gid,
            extra_groups=self.extra_groups,
            cwd="/",  # our own working folder may be closed to this user
            env=ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def can_run(self, program: Path) -> bool:
        """Whether `program --version` works for this user, its libraries included."""
        try:
            return self.run(program, "--version").returncode == 0
        except PermissionError:
            return False

    def can_enter(self, folder: Path) -> bool:
        """Whether every folder on the way to `folder` lets this user through.

        The kernel is asked, not the mode bits: access lists and mounts count too.
        """
        return self.uid is None or self.run("/bin/sh", "-c", 'cd "$1"', "sh", folder).returncode == 0

    def own(self, path: Path) -> None:
        """Give `path` to this user."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)


def server_account(cluster: Path) -> Account:
    """Choose the user for the server whose data is, or will be, in `cluster`.

    PostgreSQL refuses to run as root. There the owner of existing data runs it, so that `sudo` after an
    ordinary run changes nothing; else `postgres`, else `nobody`. Anyone but root runs it as themselves.
    """
    if os.geteuid() != 0:
        return Account(_login_name(os.geteuid()))
    if cluster.exists() and (owner := cluster.stat()).st_uid != 0:
        return Account(_login_name(owner.st_uid), owner.st_uid, owner.st_gid)
    for name in _STAND_INS_FOR_ROOT:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    raise ServerNotReachable(
        "PostgreSQL refuses to run as root, and this machine has no user postgres or nobody to run it: "
        "add one, or start the gateway as an ordinary user"
    )


def _login_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:  # a container started with a bare number
        return str(uid)
