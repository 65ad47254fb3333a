"""Every setting there is, read from the environment once and passed on as a value.

docs/operating.md documents each; a test compares the two. Nothing else in the product reads FIELDSTONE_*.
"""

import base64
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from fieldstone.engine.egress import read_allowed
from fieldstone.engine.vault import KEY
from fieldstone.problems import FieldstoneError, did_you_mean


class SettingMalformed(FieldstoneError):
    """An environment variable holds what its setting cannot be."""

    code = "setting.malformed"
    kind = "malformed"


def setting(name: str, read: Callable[[str], Any], default: Callable[[], Any]) -> Any:
    """A field of Settings: the variable's name, how its text is read, and what holds without it."""
    return field(default_factory=default, metadata={"name": name, "read": read})


def _folder(text: str) -> Path:
    return Path(text).absolute()


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError("must be 1 or more")
    return number


def _level(text: str) -> str:
    if text.upper() not in LEVELS:
        raise ValueError(f"must be one of {', '.join(LEVELS)}{did_you_mean(text.upper(), LEVELS)}")
    return text.upper()


def _flag(text: str) -> bool:
    if text not in ("0", "1"):
        raise ValueError("must be 0 or 1")
    return text == "1"


def _key(text: str) -> bytes:
    key = base64.b64decode(text, validate=True)
    if len(key) != KEY:
        raise ValueError(f"must be {KEY} bytes in Base64")
    return key


LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


@dataclass(frozen=True, slots=True)
class Settings:
    """What an operator decides. A variable that is set but empty counts as not set."""

    home: Path = setting("FIELDSTONE_HOME", _folder, lambda: _folder("var"))
    database_url: str | None = setting("FIELDSTONE_DATABASE_URL", str, lambda: None)
    redis_url: str | None = setting("FIELDSTONE_REDIS_URL", str, lambda: None)
    system_user: str | None = setting("FIELDSTONE_SYSTEM_USER", str, lambda: None)
    web_processes: int = setting(
        "FIELDSTONE_WEB_PROCESSES", _positive, lambda: min(4, max(2, os.cpu_count() or 2))
    )
    web_threads: int = setting(
        "FIELDSTONE_WEB_THREADS", _positive, lambda: min(8, 2 * (os.cpu_count() or 2) + 1)
    )
    egress_allow: frozenset[tuple[str, int]] = setting("FIELDSTONE_EGRESS_ALLOW", read_allowed, frozenset)
    secret_key: bytes | None = setting("FIELDSTONE_SECRET_KEY", _key, lambda: None)
    log_level: str = setting("FIELDSTONE_LOG_LEVEL", _level, lambda: "INFO")
    debug: bool = setting("FIELDSTONE_DEBUG", _flag, lambda: False)


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings in `environment`, by default this process's."""
    source = os.environ if environment is None else environment
    values = {}
    for each in fields(Settings):
        text = source.get(each.metadata["name"], "")
        if text:
            try:
                values[each.name] = each.metadata["read"](text)
            except ValueError as error:
                shown = "" if each.name == "secret_key" else f" is {text!r}"
                raise SettingMalformed(f"{each.metadata['name']}{shown}: {error}") from None
    return Settings(**values)


def variables() -> list[str]:
    """The names of all settings' environment variables."""
    return [each.metadata["name"] for each in fields(Settings)]
