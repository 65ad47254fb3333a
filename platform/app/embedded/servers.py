"""Using the servers of a home: start what does not answer, and stop everything when the last user leaves.

Whoever leaves asks, under the start lock, whether anybody else is left; the guardian process asks the same
when users were killed and could not. Both call `stop_if_unused`; there is no other way servers are stopped.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from fieldstone.app.embedded import storage
from fieldstone.app.embedded.binaries import find_binaries
from fieldstone.app.embedded.endpoints import (
    Endpoints,
    postgres_url,
    redis_url,
    save,
    with_driver,
    without_driver,
)
from fieldstone.app.embedded.folders import Folders, find_folders, make_folders, make_run_folder
from fieldstone.app.embedded.locks import Lock, start_lock
from fieldstone.app.embedded.passwords import Passwords, load_or_make
from fieldstone.app.embedded.postgres import ensure_postgres, stop_postgres, superuser_url
from fieldstone.app.embedded.processes import listener
from fieldstone.app.embedded.valkey import ensure_valkey, stop_valkey


class Embedded:
    """One use of a home's servers, from `open` to `close`. A process may hold several."""

    def __init__(
        self, home: Path, *, postgres: bool = True, valkey: bool = True, durable: bool = True
    ) -> None:
        self.home = home.absolute()
        self._postgres, self._valkey, self._durable = postgres, valkey, durable
        self._users: Lock | None = None

    def open(self) -> Endpoints:
        """Become a user, start what is not running, and give its addresses."""
        run = make_run_folder(self.home)
        with start_lock(run):
            self._users = Lock(run, "users")
            self._users.share()
            try:
                return self._start(run)
            except BaseException:
                self._users.close()
                self._users = None
                raise

    def ensure(self) -> bool:
        """Restart what died under us; true when something had. Cheap when all is well."""
        folders = find_folders(self.home)
        if folders and self._all_listen(folders):
            return False
        with start_lock(self.home / "run"):
            self._start(self.home / "run")
        return True

    def close(self) -> None:
        """Stop being a user; the last one stops the servers."""
        if self._users is not None:
            self._users.close()
            self._users = None
            stop_if_unused(self.home)

    def __enter__(self) -> Endpoints:
        return self.open()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _start(self, run: Path) -> Endpoints:
        folders = make_folders(self.home)
        passwords = load_or_make(run)
        binaries = find_binaries(folders.account)
        if self._valkey:
            ensure_valkey(folders, binaries, passwords)
        if self._postgres:
            ensure_postgres(folders, binaries, passwords, self._durable)
            _prepare(folders, passwords)
        endpoints = _endpoints(folders, passwords)
        save(endpoints, folders.endpoints)
        _ensure_guardian(self.home)
        return endpoints

    def _all_listen(self, folders: Folders) -> bool:
        wanted = [folders.postgres_socket] * self._postgres + [folders.valkey_socket] * self._valkey
        return all(listener(path) is not None for path in wanted)


@contextmanager
def servers(
    home: Path, *, database_url: str | None = None, redis_url: str | None = None, durable: bool = True
) -> Iterator[Endpoints]:
    """Addresses that answer: the given ones, and embedded servers in `home` for those not given."""
    if database_url and redis_url:
        yield Endpoints(with_driver(database_url), None, redis_url)
        return
    with Embedded(home, postgres=not database_url, valkey=not redis_url, durable=durable) as own:
        yield Endpoints(
            with_driver(database_url) if database_url else own.database_url,
            None if database_url else own.admin_url,
            redis_url or own.redis_url,
        )


def stop_if_unused(home: Path, guardian: Lock | None = None) -> bool:
    """Stop the servers of `home` unless somebody uses them; true when they are stopped.

    The guardian passes its own lock, to give it up before anybody else can look whether there is a guardian.
    """
    run = home / "run"
    with start_lock(run):
        users = Lock(run, "users")
        try:
            if not users.try_take():
                return False
            folders = find_folders(home)
            if folders:
                stop_valkey(folders)
                stop_postgres(folders)
                folders.endpoints.unlink(missing_ok=True)
            if guardian:
                guardian.release()
            return True
        finally:
            users.close()


def _prepare(folders: Folders, passwords: Passwords) -> None:
    url = without_driver(superuser_url(folders, passwords))
    if not storage.is_ready(url):
        storage.make_role(url, passwords.application)
        storage.make_database(url)


def _endpoints(folders: Folders, passwords: Passwords) -> Endpoints:
    return Endpoints(
        database_url=postgres_url(
            storage.APPLICATION_ROLE, passwords.application, storage.DATABASE, folders.sockets
        ),
        admin_url=superuser_url(folders, passwords, storage.DATABASE),
        redis_url=redis_url(passwords.valkey, folders.valkey_socket),
    )


def _ensure_guardian(home: Path) -> None:
    lock = Lock(home / "run", "guardian")
    try:
        if not lock.try_take():
            return
    finally:
        lock.close()
    log = home / "log" / "guardian.log"
    with log.open("ab") as output:
        subprocess.Popen(
            [sys.executable, "-m", "fieldstone.app.embedded.guardian", str(home)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            cwd="/",
        )
