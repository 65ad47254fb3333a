"""What a list shows: read from its view, the address and the visitor's choice of columns.

The parameters of a list's address: `view`, `f` (conditions, repeated), `filter` (an expression), `sort`
(`-amount,name`), `q`, `cursor`. Whatever in them leads nowhere (an old bookmark, a field that is gone or
hidden) is left out, never an error.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import unquote

from fieldstone.engine.identity.own_views import OwnViews
from fieldstone.engine.permissions import EntityAccess, NotFound, access
from fieldstone.metadata.definitions import SYSTEM_FIELDS, Entity, Model, View
from fieldstone.ui.fields import Column, column_at, shown_as, target_of
from fieldstone.ui.lists.conditions import Condition, all_of, condition_of, written
from fieldstone.ui.lists.views import Views, views_of
from fieldstone.ui.urls import encode
from fieldstone.ui.visit import Visit

DEFAULT_COLUMNS: Final = 6
UNSORTABLE: Final = frozenset(
    {
        "lines",
        "json",
        "tags",
        "multi_select",
        "address",
        "person_name",
        "file",
        "multiline",
        "rich_text",
        "markdown",
        "code",
        "geo_point",
        "secret",
        "files",
        "image",
        "signature",
        "multi_link",
        "any_link",
        "snapshot",
    }
)
HIDDEN_BY_DEFAULT: Final = frozenset(
    {
        "lines",
        "json",
        "multiline",
        "file",
        "address",
        "rich_text",
        "markdown",
        "code",
        "secret",
        "position",
        "files",
    }
)


@dataclass(frozen=True, slots=True)
class ListState:
    """One visitor's list of one entity."""

    entity: Entity
    view: View | None
    views: tuple[View, ...]
    columns: tuple[Column, ...]
    available: tuple[Column, ...]
    conditions: tuple[Condition, ...]
    expression: str
    sort: tuple[str, ...]
    q: str
    cursor: str | None
    base: str
    saved: Views = Views((), OwnViews())
    own_columns: bool = False
    to_repair: bool = False

    @property
    def parameters(self) -> dict[str, Any]:
        """The state as parameters of an address, the cursor left out."""
        return {
            "view": self.view.name if self.view and self.view is not self.views[0] else None,
            "f": [condition.parameter() for condition in self.conditions],
            "filter": self.expression or None,
            "sort": ",".join(self.sort) if self.sort != default_sort(self.view) else None,
            "q": self.q or None,
            "repair": "1" if self.to_repair else None,
        }

    def url(self, **changes: Any) -> str:
        """The address of this list with some parameters changed."""
        return self.base + encode({**self.parameters, **changes}.items())

    def url_at(self, path: str, **changes: Any) -> str:
        """The address of something below this list, in the same state."""
        return f"{self.base}/{path}" + encode({**self.parameters, **changes}.items())

    def export_url(self, kind: str) -> str:
        """The address of this list as a file."""
        return f"{self.base}/export" + encode({**self.parameters, "format": kind}.items())

    def url_without(self, condition: Condition) -> str:
        return replace(self, conditions=tuple(c for c in self.conditions if c is not condition)).url()

    def url_with(self, condition: Condition) -> str:
        return replace(self, conditions=(*self.conditions, condition)).url()

    @property
    def plain_url(self) -> str:
        """The address of the view without anything added to it."""
        return self.base + encode([("view", self.parameters["view"])])

    def hidden(self, *without: str) -> list[tuple[str, str]]:
        """The state as hidden inputs of a form that changes the parameters `without`."""
        pairs = []
        for name, value in self.parameters.items():
            if name not in without and value:
                pairs += [(name, each) for each in (value if isinstance(value, list) else [value])]
        return pairs

    def query_for_documents(self) -> str:
        """The parameters of the dialog that shows what this list is made of."""
        return encode({"entity": self.entity.name, **self.parameters}.items())

    @property
    def filtered(self) -> bool:
        """Whether the visitor narrowed the list beyond its view."""
        return bool(self.conditions or self.expression or self.q or self.to_repair)

    def filter_text(self, visit: Visit) -> str:
        """Everything that narrows the list, as one expression."""
        own = self.view.filter.source if self.view and self.view.filter else ""
        return all_of([own, self.saved_filter, self.added_filter(visit)])

    @property
    def saved_filter(self) -> str:
        """What the visitor's own view adds to the filter of the document that it began from."""
        return self.saved.saved_filter(self.view)

    def added_filter(self, visit: Visit) -> str:
        """What the visitor narrows the view by now."""
        parts = [text for text in (self.written(condition, visit) for condition in self.conditions) if text]
        return all_of([*parts, self.expression])

    def written(self, condition: Condition, visit: Visit) -> str | None:
        """A condition of the builder as an expression."""
        column = next((each for each in self.available if each.name == condition.field), None)
        if column is None:
            return None
        target = target_of(visit.model, column.field)
        return written(condition, column, visit.formats, target.title_field if target else None)

    @property
    def expand(self) -> tuple[str, ...]:
        """The links whose records the columns need."""
        return tuple(dict.fromkeys(column.links for column in self.columns if column.links))

    @property
    def page_size(self) -> int:
        return self.view.page_size if self.view else 50


def list_state(visit: Visit, entity: Entity) -> ListState:
    """The state that a request asks for."""
    model, args = visit.model, visit.request.args
    saved = views_of(visit, entity.name)
    views = saved.all
    view = next((view for view in views if view.name == args.get("view")), views[0] if views else None)
    rights = access(visit, entity.name)
    available = _available(visit, entity, rights, view)
    chosen = _chosen_columns(visit, view)
    conditions = [condition_of(parameter) for parameter in args.getlist("f")]
    sort = tuple(part for part in args.get("sort", "").split(",") if part)
    return ListState(
        entity=entity,
        view=view,
        views=views,
        columns=_columns(entity, view, available, chosen),
        available=available,
        conditions=tuple(c for c in conditions if c and any(c.field == column.name for column in available)),
        expression=args.get("filter", "").strip(),
        sort=tuple(part for part in sort if _is_sortable(model, entity, rights, part)) or default_sort(view),
        q=args.get("q", "").strip(),
        cursor=args.get("cursor") or None,
        base=visit.urls.list(entity.name),
        saved=saved,
        own_columns=bool(chosen),
        to_repair=args.get("repair") == "1",
    )


def default_sort(view: View | None) -> tuple[str, ...]:
    return tuple(f"-{path}" if descending else path for path, descending in view.sort) if view else ()


def sort_key(model: Model, column: Column) -> str | None:
    """What to sort by for a column (the engine sorts a link by its record's title); None: cannot be
    sorted.
    """
    _, field = shown_as(model, column.entity, column.field)
    return None if field.type in UNSORTABLE else column.name


def columns_cookie(view: View | None) -> str:
    """The name of the cookie that remembers the columns of a view (its path is the list's address)."""
    return f"fs_columns_{view.name}" if view else "fs_columns"


def _chosen_columns(visit: Visit, view: View | None) -> list[str]:
    return [name for name in unquote(visit.request.cookies.get(columns_cookie(view), "")).split(",") if name]


def _available(visit: Visit, entity: Entity, rights: EntityAccess, view: View | None) -> tuple[Column, ...]:
    """Every column that may be shown: readable fields, system fields, and the paths that the view names."""
    names = [
        name for name in (*entity.fields, *SYSTEM_FIELDS) if name in rights.readable and name != "deleted_at"
    ]
    if view is not None:
        names += [column.name for column in view.columns]
    found = [column_at(visit.model, entity, name) for name in dict.fromkeys(names)]
    readable = [column for column in found if column is not None and _is_readable(visit, entity, column)]
    return tuple(replace(column, title=_title(visit, entity, view, column)) for column in readable)


def _title(visit: Visit, entity: Entity, view: View | None, column: Column) -> str:
    if view is not None:
        return visit.labels.column(view, column.name, column.path)
    return visit.labels.path(entity.name, column.path)


def _is_readable(visit: Visit, entity: Entity, column: Column) -> bool:
    if column.path[0] not in access(visit, entity.name).readable:
        return False
    if len(column.path) == 1:
        return True
    return column.field.name in _readable_of(visit, column.entity)


def _readable_of(visit: Visit, entity: Entity) -> frozenset[str]:
    """The readable fields of a linked entity; none of one that the visitor may not know of."""
    try:
        return access(visit, entity.name).readable
    except NotFound:
        return frozenset()


def _columns(
    entity: Entity, view: View | None, available: Iterable[Column], chosen: list[str]
) -> tuple[Column, ...]:
    by_name = {column.name: column for column in available}
    names = [name for name in chosen if name in by_name]
    if not names and view is not None:
        names = [column.name for column in view.columns if not column.hidden and column.name in by_name]
    if not names:
        plain = [
            name for name, f in entity.fields.items() if name in by_name and f.type not in HIDDEN_BY_DEFAULT
        ]
        first = [entity.title_field] if entity.title_field in by_name else []
        names = list(dict.fromkeys([*first, *plain]))[:DEFAULT_COLUMNS] or ["id"]
    return tuple(by_name[name] for name in names)


def _is_sortable(model: Model, entity: Entity, rights: EntityAccess, part: str) -> bool:
    column = column_at(model, entity, part.removeprefix("-"))
    return column is not None and column.path[0] in rights.readable and sort_key(model, column) is not None
