"""The contract of every command: exit codes, what goes where, and no traceback."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from fieldstone.cli import command_line
from fieldstone.cli.command_line import COMMANDS, main

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        pytest.param([], 2, "usage: fieldstone", id="nothing"),
        pytest.param(["--help"], 0, "commands:", id="help"),
        pytest.param(["--version"], 0, "fieldstone 0.", id="version"),
        pytest.param(["doctr"], 2, 'did you mean "doctor"?', id="misspelt command"),
        pytest.param(["serve", "--port", "http"], 2, "no port", id="malformed argument"),
        pytest.param(["serve", "--prt", "1"], 2, "--prt", id="unknown argument"),
    ],
)
def test_usage_and_its_exit_code(
    words: list[str], code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        result = main(words)
    except SystemExit as ended:  # argparse ends by itself
        result = int(ended.code or 0)
    captured = capsys.readouterr()
    assert (result, said in captured.out + captured.err) == (code, True), captured


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself_and_takes_json(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])
    assert ended.value.code == 0
    assert "--json" in capsys.readouterr().out


def test_malformed_setting_is_usage_and_json_errors_are_data(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FIELDSTONE_WEB_PROCESSES", "none")
    assert main(["doctor", "--json"]) == 2
    captured = capsys.readouterr()
    assert json.loads(captured.out)["error"]["code"] == "setting.malformed"
    assert "FIELDSTONE_WEB_PROCESSES" in captured.err


def test_unforeseen_error_is_one_line_and_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(COMMANDS, "probe", ("fieldstone.cli.no_such_module", ""))
    assert main(["probe"]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "internal error" in captured.err
    assert "Traceback" not in captured.err
    monkeypatch.setenv(command_line.DEBUG, "1")
    assert main(["probe"]) == 1
    assert "Traceback" in capsys.readouterr().err


def test_doctor_finds_a_new_home_in_order(test_home: Path, endpoints: object) -> None:
    variables = {name: value for name, value in os.environ.items() if not name.startswith("FIELDSTONE_")}
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; from fieldstone.cli import main; sys.exit(main())",
            "doctor",
            "--json",
        ],
        env=variables | {"FIELDSTONE_HOME": str(test_home)},
        capture_output=True,
        text=True,
        check=False,
    )
    findings = {finding["name"]: finding for finding in json.loads(done.stdout)}
    assert {"postgres", "locale", "role", "set_config", "redis"} <= findings.keys()
    assert [name for name, finding in findings.items() if not finding["ok"] and name != "assets"] == []


def test_help_imports_no_layer_but_its_own() -> None:
    code = (
        "import sys; from fieldstone.cli import main; main(['--help']);"
        "print([m for m in sys.modules if m.startswith(('sqlalchemy', 'flask', 'fieldstone.engine'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
