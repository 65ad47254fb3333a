"""Where things lie in a home folder, and how they come to be.

Nothing outside the home is ever chmod-ed. When the servers' account cannot reach the home (root's home is
closed to others), the servers' part moves to /var/lib/fieldstone and the home keeps a link to it. When the
path is too long for a Unix socket, the sockets move to a private folder in /tmp, again behind a link.
"""

import os
import shutil
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from fieldstone.app.embedded.account import Account, lendable_account, owner_account
from fieldstone.app.embedded.errors import HomeRefused

ELSEWHERE = Path("/var/lib/fieldstone")
LONGEST_SOCKET = 100
"""sun_path holds 108 bytes on Linux and 104 elsewhere, the closing zero included."""


@dataclass(frozen=True, slots=True)
class Folders:
    """The folders of one home, all absolute; `servers` and `sockets` with links resolved."""

    home: Path
    account: Account
    servers: Path
    sockets: Path

    @property
    def run(self) -> Path:
        return self.home / "run"

    @property
    def endpoints(self) -> Path:
        return self.run / "endpoints.json"

    @property
    def data(self) -> Path:
        return self.servers / "postgres"

    @property
    def postgres_socket(self) -> Path:
        return self.sockets / ".s.PGSQL.5432"

    @property
    def valkey_socket(self) -> Path:
        return self.sockets / "valkey"

    def log(self, server: str) -> Path:
        return self.home / "log" / f"{server}.log"


def make_run_folder(home: Path) -> Path:
    """`home` and `home/run`, made if absent: what locking needs, before anything else is looked at."""
    home = home.absolute()
    root = os.geteuid() == 0
    try:
        home.parent.mkdir(parents=True, exist_ok=True)
        home.mkdir(mode=0o711 if root else 0o700, exist_ok=True)
        for name in ("run", "log"):
            (home / name).mkdir(mode=0o700, exist_ok=True)
            _follow_owner(home / name, home)
    except OSError as error:
        raise HomeRefused(f"FIELDSTONE_HOME cannot be made: {error}") from None
    owner = (home / "run").stat().st_uid
    if not root and owner != os.geteuid():
        owner_account(home / "run")
    return home / "run"


def find_folders(home: Path) -> Folders | None:
    """The folders of a home whose servers were set up before, else None. Changes nothing."""
    servers = home.absolute() / "servers"
    sockets = servers / "sockets"
    if not sockets.is_dir():
        return None
    return Folders(home.absolute(), owner_account(servers), servers.resolve(), sockets.resolve())


def make_folders(home: Path, system_user: str | None = None) -> Folders:
    """All folders of a home, made where absent. The caller holds the start lock.

    `system_user` is the account that root lends to a new home; an existing one keeps its account.
    """
    home = home.absolute()
    link = home / "servers"
    if not link.is_dir():
        link.unlink(missing_ok=True)
        _make_servers(link, lendable_account(system_user))
    account = owner_account(link)
    if not account.can_enter(link.resolve()):
        raise HomeRefused(
            f"{link.resolve()} cannot be reached by {account.name}, the account its servers run under; "
            "open the folders above it again, or set FIELDSTONE_HOME elsewhere"
        )
    return Folders(home, account, link.resolve(), _make_sockets(link.resolve() / "sockets", account))


def _make_servers(link: Path, account: Account) -> None:
    _make_owned(link, account)
    if account.can_enter(link):
        return
    link.rmdir()
    try:
        ELSEWHERE.mkdir(mode=0o711, parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix="home-", dir=ELSEWHERE))
    except OSError as error:
        raise HomeRefused(
            f"{link.parent} cannot be reached by {account.name}, under which root runs PostgreSQL, and "
            f"{ELSEWHERE} cannot be used instead ({error}); set FIELDSTONE_HOME to a folder others may enter"
        ) from None
    os.chown(folder, account.uid, account.gid)
    if not account.can_enter(folder):
        folder.rmdir()
        raise HomeRefused(
            f"neither {link.parent} nor {ELSEWHERE} can be reached by {account.name}, under which root runs "
            "PostgreSQL; set FIELDSTONE_HOME to a folder others may enter"
        )
    link.symlink_to(folder)


def _make_sockets(link: Path, account: Account) -> Path:
    if link.is_dir() and _is_private(link, account):
        return link.resolve()
    if link.is_symlink():
        link.unlink()
    elif link.exists():
        shutil.rmtree(link)
    if len(str(link / ".s.PGSQL.5432.lock")) <= LONGEST_SOCKET:
        _make_owned(link, account)
        return link
    folder = Path(tempfile.mkdtemp(prefix="fieldstone-", dir="/tmp"))
    if account.lent:
        os.chown(folder, account.uid, account.gid)
    link.symlink_to(folder)
    return folder


def _make_owned(folder: Path, account: Account) -> None:
    folder.mkdir(mode=0o700)
    if account.lent:
        os.chown(folder, account.uid, account.gid)


def _is_private(folder: Path, account: Account) -> bool:
    status = folder.stat()
    return status.st_uid == account.uid and stat.S_IMODE(status.st_mode) == 0o700


def _follow_owner(folder: Path, home: Path) -> None:
    """What root makes in an ordinary user's home belongs to that user."""
    status = home.stat()
    if os.geteuid() == 0 and folder.stat().st_uid != status.st_uid:
        os.chown(folder, status.st_uid, status.st_gid)
