"""The implementer's first hour as the page tells it: its files are written, its commands run, its answers compared.

One shell runs all `sh` blocks in order, so that what a block exports or defines holds in the next. A `text` block is what
the block before it must have printed, `…` standing for anything. A command whose comment says `exit code 1` must end so.
"""

import re
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from doc_pages import DOCS, Block, blocks_of
from running import ROOT, environment, is_healthy, wait_until

from fieldstone.app.embedded import Endpoints

PAGE = DOCS / "first-hour-implementer.md"
SERVE = ".venv/bin/fieldstone serve --port 8000\n"
END = "--- block ends with"


class Shell:
    """One bash for all blocks."""

    def __init__(self, folder: Path, variables: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            ["bash"], cwd=folder, env=variables, text=True, encoding="utf-8",
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def run(self, commands: str) -> tuple[str, int]:
        """What a block printed, and the exit code of its last command."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{commands}\nended=$?; echo; echo '{END}' $ended\n")
        self.process.stdin.flush()
        lines = []
        for line in self.process.stdout:
            if line.startswith(END):
                return "".join(lines).rstrip("\n"), int(line.removeprefix(END))
            lines.append(line)
        pytest.fail("the shell ended: " + "".join(lines))

    def close(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(30)


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def matches(shown: str, printed: str) -> bool:
    pattern = ".*?".join(re.escape(part) for part in shown.rstrip("\n").split("…"))
    return re.fullmatch(pattern, printed, re.S) is not None


@pytest.fixture
def variables(endpoints: Endpoints, test_home: Path) -> dict[str, str]:
    found = environment(test_home, FIELDSTONE_DATABASE_URL=endpoints.database_url)
    return found | {"FIELDSTONE_REDIS_URL": endpoints.redis_url, "FIELDSTONE_WEB_PROCESSES": "1"}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder that looks like a checkout after `make setup` to who follows the page."""
    (tmp_path / ".venv").symlink_to(ROOT / ".venv")
    return tmp_path


@pytest.fixture
def port(checkout: Path, variables: dict[str, str]) -> Iterator[int]:
    """Where the server of the page's other terminal listens, instead of 8000."""
    found = free_port()
    command = SERVE.replace("8000", str(found)).split()
    server = subprocess.Popen(
        command, cwd=checkout, env=variables, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        wait_until(lambda: is_healthy(found), 30, "fieldstone serve answers")
        yield found
    finally:
        server.terminate()
        server.wait(60)


@pytest.fixture
def shell(checkout: Path, variables: dict[str, str]) -> Iterator[Shell]:
    opened = Shell(checkout, variables)
    yield opened
    opened.run("fieldstone tenant delete acme --yes acme")
    opened.close()


def test_the_page_can_be_followed_from_top_to_bottom(port: int, checkout: Path, shell: Shell) -> None:
    printed, where, told, served = "", "", 0, False
    for block in blocks_of(PAGE.read_text("utf-8")):
        where = f"{PAGE.name}:{block.line}"
        if block.file:
            write(checkout / "first-hour" / block.file, block)
        elif block.language == "sh server":
            assert block.text == SERVE, where
            served = True
        elif block.language == "sh":
            printed, status = shell.run(block.text.replace("127.0.0.1:8000", f"127.0.0.1:{port}"))
            assert status == ("exit code 1" in block.text), f"{where} ended with {status}:\n{printed}"
        else:
            assert block.language == "text", f"{where} is neither a file nor commands nor their answer"
            assert matches(block.text, printed), f"{where} shows\n{block.text}\nbut printed was\n{printed}"
            told += 1
    assert served
    assert told >= 10, "answers were compared"


def write(path: Path, block: Block) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(block.text, "utf-8")


@pytest.mark.parametrize(
    ("shown", "printed", "same"),
    [
        ("a … c", "a b c", True),
        ("a … c\n", "a b\nb c", True),
        ("a c", "a b c", False),
        ("a (b)", "a (b)", True),
        ("a", "a\nb", False),
    ],
    ids=["gap", "gap of lines", "no gap", "no pattern", "more lines"],
)
def test_answers_are_compared_but_for_gaps(shown: str, printed: str, same: bool) -> None:
    assert matches(shown, printed) == same
