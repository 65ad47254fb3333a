"""Using the servers of a home: start what does not answer, and stop everything when the last user leaves.

Whoever leaves asks, under the start lock, whether anybody else is left; the guardian process asks the same
when users were killed and could not. Both call `stop_if_unused`; there is no other way servers are stopped.
"""

import subprocess
import sys
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
    """One use of a home's servers, from `open` to `close`. A process may hold several.

    A server whose URL is given is somebody else's: it is neither started nor stopped here, and its address
    is passed on. `durable=False` is for tests. `system_user` is whom root lends to a new home.
    """

    def __init__(
        self,
        home: Path,
        *,
        database_url: str | None = None,
        redis_url: str | None = None,
        durable: bool = True,
        system_user: str | None = None,
    ) -> None:
        self.home = home.absolute()
        self._database_url, self._redis_url = database_url, redis_url
        self._durable, self._system_user = durable, system_user
        self._users: Lock | None = None

    def open(self) -> Endpoints:
        """Become a user, start what is not running, and give addresses that answer."""
        if self._database_url and self._redis_url:
            return Endpoints(with_driver(self._database_url), None, self._redis_url)
        run = make_run_folder(self.home)
        with start_lock(run):
            self._users = Lock(run, "users")
            self._users.share()
            try:
                return self._given_first(self._start(run))
            except BaseException:
                self._users.close()
                self._users = None
                raise

    def ensure(self) -> bool:
        """Restart what died under us; true when something had. Cheap when all is well."""
        if self._users is None or self._all_listen():
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
        folders = make_folders(self.home, self._system_user)
        passwords = load_or_make(run)
        binaries = find_binaries(folders.account)
        if not self._redis_url:
            ensure_valkey(folders, binaries, passwords)
        if not self._database_url:
            ensure_postgres(folders, binaries, passwords, self._durable)
            _prepare(folders, passwords)
        endpoints = _endpoints(folders, passwords)
        save(endpoints, folders.endpoints)
        _ensure_guardian(self.home)
        return endpoints

    def _given_first(self, own: Endpoints) -> Endpoints:
        return Endpoints(
            with_driver(self._database_url) if self._database_url else own.database_url,
            None if self._database_url else own.admin_url,
            self._redis_url or own.redis_url,
        )

    def _all_listen(self) -> bool:
        folders = find_folders(self.home)
        if folders is None:
            return False
        wanted = [] if self._database_url else [folders.postgres_socket]
        wanted += [] if self._redis_url else [folders.valkey_socket]
        return all(listener(path) is not None for path in wanted)


servers = Embedded
"""Reads better where servers are only used: `with servers(home) as endpoints:`."""


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
