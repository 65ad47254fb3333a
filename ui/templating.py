"""The template environment: compiled once, strict about names, with the few functions that templates may
call.

Templates receive plain values and a visit; `t` is the catalogue of the visitor's language.
"""

from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from fieldstone.ui.assets import Assets
from fieldstone.ui.messages import LOCALES

FOLDER: Final = Path(__file__).parent / "templates"


class Templates:
    """Renders pages. Safe to share between threads."""

    def __init__(self, assets: Assets) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(FOLDER),
            autoescape=True,
            undefined=StrictUndefined,
            auto_reload=False,
            cache_size=-1,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals.update(
            asset=assets.url, icon=assets.icon, locales=LOCALES, initials=initials
        )

    def add(self, **functions: Any) -> None:
        """Give templates more functions; once, at start."""
        self._environment.globals.update(functions)

    def render(self, template: str, /, **values: Any) -> str:
        """A template's text; `visit`, if given, also provides `t`, `urls` and `formats`."""
        visit = values.get("visit")
        if visit is not None:
            values = {"t": visit.texts, "urls": visit.urls, "formats": visit.formats, **values}
        return self._environment.get_template(template).render(values)


def initials(name: str) -> str:
    """One or two characters that stand for a name: `AL` for Ada Lovelace, `王` for 王小明."""
    words = name.split()
    if not words:
        return "·"
    if len(words) == 1 or ord(words[0][0]) > 0x2E80:
        return words[0][0].upper()
    return (words[0][0] + words[-1][0]).upper()
