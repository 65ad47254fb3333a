"""Starting and stopping the embedded PostgreSQL, from whatever state a crash left it in.

The caller holds the start lock, so nobody else starts or stops this data folder. PostgreSQL keeps its own
guard against two servers on one folder (the pid and the shared memory named in postmaster.pid); it is never
taken away. Only when the pid in it was reused by a stranger is that number overwritten by one which cannot
exist, and PostgreSQL then judges by the shared memory alone.
"""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import psycopg

from fieldstone.app.embedded import storage
from fieldstone.app.embedded.binaries import Binaries
from fieldstone.app.embedded.endpoints import postgres_url, without_driver
from fieldstone.app.embedded.errors import ServerFailed, last_words
from fieldstone.app.embedded.folders import Folders
from fieldstone.app.embedded.passwords import Passwords
from fieldstone.app.embedded.private import sync_folder, write_private
from fieldstone.app.embedded.processes import end, listener, programs_in, reap

PATIENCE = 120.0
"""Seconds to wait for an answer; recovery after a crash under load takes its time."""

NO_SUCH_PID = 999_999_999

SETTINGS = {
    "listen_addresses": "",
    "max_connections": "100",
    "max_locks_per_transaction": "1024",
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "password_encryption": "scram-sha-256",
}

NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
"""For tests only: a killed machine may lose such a cluster, a killed process does not."""


def superuser_url(folders: Folders, passwords: Passwords, database: str = "postgres") -> str:
    return postgres_url("postgres", passwords.superuser, database, folders.sockets)


def ensure_postgres(folders: Folders, binaries: Binaries, passwords: Passwords, durable: bool) -> None:
    """PostgreSQL answers when this returns."""
    url = without_driver(superuser_url(folders, passwords))
    server = None
    if listener(folders.postgres_socket) is None:
        _initialise(folders, binaries, passwords, durable)
        _end_orphans(folders)
        _disown_reused_pid(folders)
        server = _start(folders, binaries, durable)
    _wait_until_it_answers(url, folders, server)


def stop_postgres(folders: Folders) -> None:
    """Fast shutdown: open transactions are rolled back, everything committed is on disk."""
    pid = listener(folders.postgres_socket)
    if pid is None:
        return
    pids = [pid] if pid else [process.pid for process in programs_in(folders.data, "postgres")][:1]
    for number in pids:
        if not end(number, (signal.SIGINT, 60), (signal.SIGQUIT, 10)):
            raise ServerFailed(f"PostgreSQL (pid {number}) did not stop; see {folders.log('postgres')}")


def _initialise(folders: Folders, binaries: Binaries, passwords: Passwords, durable: bool) -> None:
    """A new cluster, built beside its place and renamed, so that a half-made one is never taken for whole."""
    if folders.data.exists():
        return
    draft = folders.servers / "postgres.new"
    password_file = folders.servers / "password"
    shutil.rmtree(draft, ignore_errors=True)
    write_private(password_file, passwords.superuser, (folders.account.uid, folders.account.gid))
    done = folders.account.run([
        binaries.initdb, "--pgdata", draft, "--username", "postgres", "--pwfile", password_file,
        "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale-provider", "builtin",
        "--locale", "C.UTF-8", "--no-instructions", *([] if durable else ["--no-sync"]),
    ])  # fmt: skip
    password_file.unlink()
    if done.returncode != 0:
        raise ServerFailed(f"PostgreSQL's initdb failed:\n{done.stderr.strip()}")
    draft.rename(folders.data)
    sync_folder(folders.servers)


def _start(folders: Folders, binaries: Binaries, durable: bool) -> subprocess.Popen[bytes]:
    settings = SETTINGS | ({} if durable else NOT_DURABLE)
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    log = folders.log("postgres")
    _keep_short(log)
    with log.open("ab") as output:
        return folders.account.start(
            [binaries.postgres, "-D", folders.data, "-k", folders.sockets, *options], output
        )


def _wait_until_it_answers(url: str, folders: Folders, server: subprocess.Popen[bytes] | None) -> None:
    deadline = time.monotonic() + PATIENCE
    error: Exception | None = None
    while time.monotonic() < deadline:
        if listener(folders.postgres_socket) is not None:
            try:
                return storage.answers(url)
            except psycopg.OperationalError as refused:
                error = refused
                if "password authentication failed" in str(refused):
                    break
        elif server is None or server.poll() is not None:
            break
        time.sleep(0.02)
    log = folders.log("postgres")
    raise ServerFailed(
        f"PostgreSQL does not answer: {error or 'it ended'}\nThe end of {log}:\n{last_words(log)}"
    )


def _end_orphans(folders: Folders) -> None:
    """Backends outlive a killed postmaster until their statement is done; a new server must not meet them."""
    for process in programs_in(folders.data, "postgres"):
        end(process.pid, (signal.SIGINT, 5), (signal.SIGQUIT, 5), (signal.SIGKILL, 5))


def _disown_reused_pid(folders: Folders) -> None:
    for leftover in (folders.postgres_socket, Path(f"{folders.postgres_socket}.lock")):
        leftover.unlink(missing_ok=True)
    path = folders.data / "postmaster.pid"
    if not path.exists():
        return
    first, _, rest = path.read_text(encoding="utf-8").partition("\n")
    if not first.strip().isdigit():
        path.unlink()  # torn: its writer was killed before it had any shared memory to name
        return
    reap(int(first))
    if _exists(int(first)):
        owner = (folders.account.uid, folders.account.gid)
        write_private(path, f"{NO_SUCH_PID}\n{rest}", owner)


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _keep_short(log: Path, limit: int = 10_000_000) -> None:
    if log.exists() and log.stat().st_size > limit:
        log.replace(log.with_suffix(".log.1"))
