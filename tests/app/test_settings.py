"""Settings: read from the environment, refused by name, documented one by one."""

from pathlib import Path

import pytest

from fieldstone.app.settings import SettingMalformed, read_settings, variables

ROOT = Path(__file__).parents[2]


def test_defaults_hold_without_any_variable() -> None:
    settings = read_settings({})
    assert settings.home == Path("var").absolute()
    assert settings.database_url is None
    assert settings.web_processes >= 1


def test_an_empty_variable_counts_as_not_set() -> None:
    assert read_settings({"FIELDSTONE_WEB_THREADS": ""}) == read_settings({})


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param("FIELDSTONE_WEB_PROCESSES", "many", id="no number"),
        pytest.param("FIELDSTONE_WEB_PROCESSES", "0", id="too small"),
        pytest.param("FIELDSTONE_LOG_LEVEL", "loud", id="unknown level"),
        pytest.param("FIELDSTONE_DEBUG", "yes", id="no flag"),
    ],
)
def test_a_malformed_setting_is_refused_by_its_name(name: str, text: str) -> None:
    with pytest.raises(SettingMalformed, match=name) as caught:
        read_settings({name: text})
    assert text in caught.value.message


@pytest.mark.parametrize("name", variables())
def test_every_setting_is_documented(name: str) -> None:
    rows = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8").splitlines()
    assert any(row.startswith(f"| `{name}` |") for row in rows), f"docs/operating.md has no row for {name}"


def test_no_documented_setting_is_unknown() -> None:
    rows = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8").splitlines()
    documented = [row.split("`")[1] for row in rows if row.startswith("| `FIELDSTONE_")]
    assert sorted(documented) == sorted(variables())
