"""The account that the servers run under.

PostgreSQL refuses to run as root, so root lends it another account, without making one: an existing data
folder's owner, else FIELDSTONE_SYSTEM_USER, else the first of `fieldstone`, `postgres`, `nobody` there is.
What that account can reach is found out by trying, since mode bits alone do not tell (ACLs, mounts).
"""

import os
import pwd
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from fieldstone.app.embedded.errors import HomeRefused

CANDIDATES = ("fieldstone", "postgres", "nobody")


@dataclass(frozen=True, slots=True)
class Account:
    """A system account. `lent` is true when it is not our own, that is, when we are root."""

    name: str
    uid: int
    gid: int
    lent: bool

    def start(self, command: Sequence[str | Path], output: IO[bytes]) -> subprocess.Popen[bytes]:
        """Start a server as this account, detached from our terminal and working folder."""
        return subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            cwd="/",
            env=_environment(),
            **self._identity(),
        )

    def run(self, command: Sequence[str | Path], timeout: float = 120) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
            cwd="/",
            env=_environment(),
            **self._identity(),
        )

    def can_enter(self, folder: Path) -> bool:
        return self.run(["/bin/sh", "-c", 'cd "$0" 2>/dev/null', folder]).returncode == 0

    def can_run(self, program: Path) -> bool:
        try:
            return self.run([program, "--version"]).returncode == 0
        except OSError:
            return False

    def _identity(self) -> dict[str, Any]:
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.lent else {}


def owner_account(path: Path) -> Account:
    """The account that owns `path`, which must be our own unless we are root."""
    uid = path.stat().st_uid
    if os.geteuid() not in (0, uid):
        raise HomeRefused(
            f"{path} belongs to {_name(uid)}, not to {_name(os.geteuid())}; "
            f"run this as {_name(uid)}, or set FIELDSTONE_HOME to a folder of your own"
        )
    return _account(uid)


def lendable_account(wanted: str | None = None) -> Account:
    """Our own account, or for root the one to lend: `wanted`, or else one that is there."""
    if os.geteuid() != 0:
        return _account(os.geteuid())
    for name in (wanted,) if wanted else CANDIDATES:
        try:
            return _account(pwd.getpwnam(name).pw_uid)
        except KeyError:
            continue
    raise HomeRefused(
        f"PostgreSQL does not run as root, and there is no account {wanted or ' or '.join(CANDIDATES)}; "
        "run this as an ordinary user, or name an account in FIELDSTONE_SYSTEM_USER"
    )


def _account(uid: int) -> Account:
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        raise HomeRefused(f"user id {uid} has no account here, and PostgreSQL's initdb needs one") from None
    if uid == 0:
        raise HomeRefused("PostgreSQL does not run as root; FIELDSTONE_SYSTEM_USER may not be root")
    return Account(entry.pw_name, uid, entry.pw_gid, lent=os.geteuid() == 0)


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user id {uid}"


def _environment() -> dict[str, str]:
    """The caller's PG* variables and locale must not reach the servers."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}
