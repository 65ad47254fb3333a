"""The built front-end files: addresses with a content hash in them, and the shapes of icons.

`npm run build` in this folder writes `static/dist`; nothing here works without it, so a missing build is said
plainly at start instead of showing pages without style.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from fieldstone.problems import FieldstoneError

DIST = Path(__file__).parent / "static" / "dist"
PREFIX = "/static/ui/"

SVG = (
    '<svg class="icon" width="24" height="24" viewBox="0 0 24 24" fill="none" stroke="currentColor" '
    'stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">{}</svg>'
)


class AssetsMissing(FieldstoneError):
    code = "ui.assets.missing"
    kind = "internal"


@dataclass(frozen=True)
class Assets:
    """What the build produced."""

    folder: Path
    manifest: Mapping[str, str]
    icons: Mapping[str, str]

    def url(self, entry: str) -> str:
        """The address of an entry point (`main`, `styles`)."""
        return PREFIX + self.manifest[entry]

    def icon(self, name: str | None) -> Markup:
        """An icon of the Tabler set by name; a plain dot where the name is unknown."""
        return Markup(SVG.format(self.icons.get(name or "", '<circle cx="12" cy="12" r="3"/>')))


def load_assets(folder: Path = DIST) -> Assets:
    """Read the build's manifest."""
    try:
        manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
        icons = json.loads((folder / "icons.json").read_text("utf-8"))
    except FileNotFoundError as error:
        raise AssetsMissing(
            f"The screens are not built: {error.filename} is missing. "
            "Run `make setup`, or `npm ci && npm run build` in ui/."
        ) from error
    return Assets(folder, manifest, icons)
