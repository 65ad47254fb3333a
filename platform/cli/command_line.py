"""From an argument list to an exit code: finds the command, runs it, says what went wrong.

To add a command `thing`: write `cli/thing.py` and one line in COMMANDS. The module offers

    def configure(parser: argparse.ArgumentParser) -> None     # its arguments; --json is there already
    def run(arguments: argparse.Namespace, output: Output) -> int

`run` calls the layers below, hands each result to `output.result(data, text)` exactly once (JSON and what
people read; `output.rows` for several), and returns 0, or 1 when it found something wrong and has said so.
It raises FieldstoneError for everything refused. A group such as `tenant create|list` is one module whose
`configure` adds subparsers and sets `handler`. Modules are imported only when their command is called, so
imports of Fieldstone's layers at the top of a command module cost nobody else anything.

Exit codes: 0 done, 1 refused or failed, 2 wrong usage (what argparse refuses, and errors of kind malformed).
Results go to standard output, everything else to standard error; never a traceback, unless FIELDSTONE_DEBUG
is 1. With --json an error is also one JSON object on standard output.
"""

import argparse
import os
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import version

from fieldstone.cli.output import Output
from fieldstone.problems import FieldstoneError, did_you_mean

DEBUG = "FIELDSTONE_DEBUG"
"""Read here and not through the settings, since they may be what is broken."""

COMMANDS: dict[str, tuple[str, str]] = {
    "serve": ("fieldstone.cli.serve", "run everything: web, worker and the embedded servers"),
    "worker": ("fieldstone.cli.worker", "take jobs, beside those that serve starts"),
    "tenant": ("fieldstone.cli.tenant", "create, list and delete tenants"),
    "package": ("fieldstone.cli.package", "check packages, install them into a tenant"),
    "user": ("fieldstone.cli.user", "add, list and disable users, give and take roles"),
    "apikey": ("fieldstone.cli.apikey", "make, list and revoke keys for the REST API"),
    "job": ("fieldstone.cli.job", "list jobs, run failed ones again, stop others"),
    "import": ("fieldstone.cli.import_", "import a CSV, XLSX or NDJSON file"),
    "export": ("fieldstone.cli.export", "export records as CSV, XLSX, JSON or NDJSON"),
    "doctor": ("fieldstone.cli.doctor", "check the installation, the servers and the database"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if not words or words[0] in ("-h", "--help"):
        print(_overview())
        return 0 if words else 2
    if words[0] in ("-V", "--version"):
        print(f"fieldstone {version('fieldstone')}")
        return 0
    if words[0] not in COMMANDS:
        suggestion = did_you_mean(words[0], COMMANDS)
        print(f'fieldstone: there is no command "{words[0]}"{suggestion}', file=sys.stderr)
        return 2
    return _run(words[0], words[1:])


def _run(command: str, words: Sequence[str]) -> int:
    place, summary = COMMANDS[command]
    output = Output(as_json="--json" in words)
    try:
        module = import_module(place)
        parser = argparse.ArgumentParser(f"fieldstone {command}", description=summary, allow_abbrev=False)
        module.configure(parser)
        add_json(parser)
        return int(module.run(parser.parse_args(words), output))
    except FieldstoneError as error:
        output.error(error)
        return 2 if error.kind == "malformed" else 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return 1
    except Exception as error:
        _say_internal(error)
        return 1


def add_json(parser: argparse.ArgumentParser) -> None:
    """`--json` on a command and on all its subcommands."""
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for sub in action.choices.values():
                add_json(sub)


def _overview() -> str:
    width = max(len(name) for name in COMMANDS)
    lines = [f"  {name:<{width}}  {summary}" for name, (_, summary) in COMMANDS.items()]
    return "\n".join(
        ["usage: fieldstone <command> [--json] ...", "", "commands:", *lines, "",
         "`fieldstone <command> --help` shows a command's arguments."]
    )  # fmt: skip


def _say_internal(error: Exception) -> None:
    """An error nobody foresaw."""
    print(f"fieldstone: internal error: {type(error).__name__}: {error}", file=sys.stderr)
    if os.environ.get(DEBUG) == "1":
        traceback.print_exception(error)
    else:
        print(f"fieldstone: {DEBUG}=1 shows where", file=sys.stderr)
