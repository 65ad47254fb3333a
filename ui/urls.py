"""The addresses of the screens, made in one place.

Entity screens live under `/t/<tenant>/e/<entity>`, so that no entity's name can clash with a page of the
product (`admin`, `studio`, `api`, `sign-in`), now or later.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode


@dataclass(frozen=True)
class Urls:
    """The addresses of one tenant. `base` is `/t/<tenant>`."""

    base: str

    @property
    def home(self) -> str:
        return f"{self.base}/"

    @property
    def sign_in(self) -> str:
        return f"{self.base}/sign-in"

    @property
    def sign_out(self) -> str:
        return f"{self.base}/sign-out"

    @property
    def palette(self) -> str:
        return f"{self.base}/palette"

    def page(self, path: str) -> str:
        """Any page of the product: `admin/users`."""
        return f"{self.base}/{path}"

    @property
    def people(self) -> str:
        """Where a person is looked for by what was typed of the name."""
        return self.list("user") + "/lookup?field=manager"

    def list(self, entity: str, **query: Any) -> str:
        return f"{self.base}/e/{quote(entity)}{encode(query.items())}"

    def new(self, entity: str, **query: Any) -> str:
        return f"{self.base}/e/{quote(entity)}/new{encode(query.items())}"

    def record(self, entity: str, record_id: Any) -> str:
        return f"{self.base}/e/{quote(entity)}/{record_id}"

    def edit(self, entity: str, record_id: Any) -> str:
        return f"{self.record(entity, record_id)}/edit"

    def imports(self, entity: str) -> str:
        return f"{self.base}/e/{quote(entity)}/import"

    def import_run(self, entity: str, run_id: Any, verb: str = "") -> str:
        """An import, or what can be done with it: `check`, `start`, `stop`, `revert` ..."""
        return f"{self.imports(entity)}/{run_id}" + (f"/{verb}" if verb else "")

    def api(self, path: str) -> str:
        return f"{self.base}/api/v1/{path}"

    def file(self, file_id: Any) -> str:
        return f"{self.base}/api/v1/files/{file_id}"


def urls_of(tenant: str) -> Urls:
    return Urls(f"/t/{quote(tenant)}")


def encode(pairs: Iterable[tuple[str, Any]]) -> str:
    """`?a=1&b=2` of what is set; empty when nothing is. A list gives its name several times."""
    set_ = [(name, value) for name, value in pairs if value not in (None, "", (), [])]
    return "?" + urlencode(set_, doseq=True) if set_ else ""


def safe_next(target: str | None, urls: Urls) -> str:
    """Where to go after signing in: a page of this tenant, never another site."""
    if target and target.startswith(urls.base + "/") and "\\" not in target and "\n" not in target:
        return target
    return urls.home
