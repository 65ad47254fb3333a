"""A visit: one request of one visitor, with everything a handler needs to answer it.

The handler asks the engine through `read` and `write`, which remember the model of the revision that
answered, so that the page's frame (navigation, titles) belongs to the same revision as its content.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeVar

from flask import Request
from werkzeug.wrappers import Response

from fieldstone.engine.context import Actor, Context, Tenant
from fieldstone.engine.identity import SignedIn
from fieldstone.engine.permissions import access
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.definitions import Entity, Model
from fieldstone.metadata.presentation import Labels
from fieldstone.problems import FieldstoneError
from fieldstone.ui import flash
from fieldstone.ui.flash import Flash
from fieldstone.ui.formats import Formats
from fieldstone.ui.messages import Texts
from fieldstone.ui.services import Services
from fieldstone.ui.templating import Templates
from fieldstone.ui.urls import Urls

T = TypeVar("T")


class PageMissing(FieldstoneError):
    """There is nothing at this address, or nothing this visitor may see."""

    code = "page.missing"
    kind = "not_found"


@dataclass(slots=True)
class Seen:
    """The model that the last transaction of this visit worked with."""

    model: Model


@dataclass(frozen=True)
class Visit:
    """Who asks for what, and how to answer.

    `signed_in` is None on pages that need no sign-in; `context` may then not be asked for.
    """

    services: Services
    templates: Templates
    request: Request
    request_id: str
    tenant_name: str
    tenant: Tenant | None
    signed_in: SignedIn | None
    urls: Urls
    texts: Texts
    seen: list[Seen] = field(default_factory=list)

    @property
    def is_partial(self) -> bool:
        """Whether htmx asks for a part of a page."""
        return self.request.headers.get("HX-Request") == "true" and "HX-Boosted" not in self.request.headers

    @property
    def theme(self) -> str:
        """light, dark, or auto to follow the system; chosen in this browser."""
        chosen = self.request.cookies.get("fs_theme", "auto")
        return chosen if chosen in ("light", "dark") else "auto"

    @property
    def nav(self) -> str:
        """Whether the navigation shows titles (wide) or only icons (narrow)."""
        return "narrow" if self.request.cookies.get("fs_nav") == "narrow" else "wide"

    @cached_property
    def flash(self) -> Flash | None:
        """What the page before wants to be said here."""
        return None if self.is_partial else flash.read(self.request, self.urls)

    @property
    def actor(self) -> Actor:
        return self.context.actor

    @cached_property
    def context(self) -> Context:
        if self.signed_in is None:
            raise FieldstoneError("Sign in first.", code="session.missing", kind="unauthenticated")
        return replace(self.signed_in.context, locale=self.texts.locale)

    @property
    def csrf_token(self) -> str:
        """What changing requests of this session must carry; empty when nobody is signed in."""
        return self.signed_in.csrf if self.signed_in else ""

    @cached_property
    def formats(self) -> Formats:
        """Dates and numbers in the visitor's language and time zone: the account's, else the company's."""
        zone = self.actor.time_zone if self.signed_in else "UTC"
        return Formats(self.texts.locale, zone)

    def read(self, work: Callable[[Transaction], T]) -> T:
        """Run a reading function in the engine."""
        return self.services.engine.read(self.context, self._noting(work))

    def write(self, work: Callable[[Transaction], T]) -> T:
        """Run a changing function in the engine."""
        return self.services.engine.write(self.context, self._noting(work))

    def _noting(self, work: Callable[[Transaction], T]) -> Callable[[Transaction], T]:
        def noted(tx: Transaction) -> T:
            self.seen[:] = [Seen(tx.model)]
            return work(tx)

        return noted

    @property
    def model(self) -> Model:
        """The definitions that the content of this page was made with."""
        if not self.seen:
            self.read(lambda tx: None)
        return self.seen[0].model

    @property
    def labels(self) -> Labels:
        return Labels(self.model, self.texts.locale)

    def entity(self, name: str) -> Entity:
        """An entity with screens of its own that the visitor may read; otherwise there is no such page."""
        entity = self.model.entities.get(name)
        if entity is None or entity.parent is not None or not self.may(name, "read"):
            raise PageMissing(f"There is no page for {name}.", entity=name)
        return entity

    def may(self, entity: str, verb: str) -> bool:
        """Whether the visitor may do this with any record of the entity."""
        return access(self, entity).allows(verb)

    def page(self, template: str, /, status: int = 200, **values: Any) -> Response:
        """A whole page, or its partial `<name>.part.html` when the template says so itself."""
        return self._answer(template, status, values)

    def partial(
        self, template: str, /, status: int = 200, headers: Mapping[str, str] | None = None, **values: Any
    ) -> Response:
        """A part of a page for htmx."""
        response = self._answer(template, status, values)
        response.headers.update(headers or {})
        return response

    def _answer(self, template: str, status: int, values: Mapping[str, Any]) -> Response:
        html = self.templates.render(template, visit=self, **values)
        response = Response(html, status, mimetype="text/html")
        if self.flash is not None:
            flash.drop(response, self.urls)
        response.headers["Cache-Control"] = "no-store"
        response.headers["Vary"] = "Cookie, HX-Request"
        return response
