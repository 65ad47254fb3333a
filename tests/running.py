"""Fieldstone as other processes: starting it, finding all of it, and killing it the hard way."""

import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

import psutil

ROOT = Path(__file__).parent.parent
ORDINARY = 65534
"""`nobody`: whom tests become when they run as root and need an ordinary user."""


def environment(home: Path, **extra: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FIELDSTONE_")}
    return kept | {"FIELDSTONE_HOME": str(home)} | extra


class Runner:
    """How to run our Python code as a user: as ourselves, or (root only) as an ordinary user."""

    def __init__(self, python: str, environment: Mapping[str, str], user: int | None = None) -> None:
        self.python, self.environment, self.user = python, dict(environment), user

    def start(self, home: Path, *arguments: str) -> subprocess.Popen[str]:
        identity = {} if self.user is None else {"user": self.user, "group": self.user, "extra_groups": []}
        return subprocess.Popen(
            [self.python, *arguments],
            env=environment(home) | self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd="/",
            start_new_session=True,
            **identity,
        )

    def serve(self, home: Path, port: int) -> subprocess.Popen[str]:
        code = "import sys; from fieldstone.cli import main; sys.exit(main())"
        return self.start(home, "-c", code, "serve", "--port", str(port))


def as_ourselves() -> Runner:
    return Runner(sys.executable, {})


def as_ordinary_user() -> Runner | None:
    """An ordinary user's Python that has all our packages; None when that user cannot reach one."""
    if os.geteuid() != 0:
        return as_ourselves()
    packages = next(Path(path) for path in sys.path if path.endswith("site-packages"))
    variables = {"PYTHONPATH": f"{ROOT / '.dev'}:{packages}", "HOME": "/nonexistent"}
    for python in (os.path.realpath(sys.executable), "/usr/local/bin/python3", "/usr/bin/python3"):
        runner = Runner(python, variables, ORDINARY)
        check = "import sys, fieldstone.app.web, redis; print(sys.version_info[:2])"
        with suppress(OSError):
            said, _ = runner.start(Path("/nonexistent"), "-c", check).communicate(timeout=60)
            if said.strip() == str(sys.version_info[:2]):
                return runner
    return None


def is_healthy(port: int) -> bool:
    try:
        with build_opener(ProxyHandler({})).open(f"http://127.0.0.1:{port}/healthz", timeout=2) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


PATIENCE = 4
"""A busy machine is slow; drills ask what happens, benchmarks how fast."""


def wait_until(condition: Callable[[], object], seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds * PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.05)


def processes_of(home: Path) -> list[psutil.Process]:
    """Every living process that belongs to `home`: servers, guardian, supervisor, children, tests' own."""
    return [process for process in psutil.process_iter() if _belongs(process, home)]


def _belongs(process: psutil.Process, home: Path) -> bool:
    if process.pid == os.getpid():
        return False
    with suppress(psutil.Error, OSError):
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        if str(home) in " ".join(process.cmdline()) or process.cwd().startswith(str(home.resolve())):
            return True
        return process.environ().get("FIELDSTONE_HOME") == str(home)
    return False


def kill_everything(home: Path, order: random.Random) -> int:
    """SIGKILL to every process of `home`, in any order, until none is left; how many there were."""
    killed = 0
    while found := processes_of(home):
        order.shuffle(found)
        for process in found:
            with suppress(psutil.NoSuchProcess):
                process.kill()
                killed += 1
        psutil.wait_procs(found, timeout=5)
    return killed


def new_home(name: str, owner: int | None = None) -> Iterator[Path]:
    """A fresh home's path in a folder of its owner; everything of it is killed and deleted afterwards."""
    folder = Path("/tmp") / f"fs-{name}-{os.getpid()}"
    folder.mkdir(mode=0o711)
    if owner is not None:
        os.chown(folder, owner, owner)
    home = folder / "var"
    try:
        yield home
    finally:
        kill_everything(home, random.Random(0))
        for link in (home / "servers" / "sockets", home / "servers"):
            if link.is_symlink():
                shutil.rmtree(link.resolve(), ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)
