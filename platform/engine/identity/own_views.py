"""What one person made of the views of an entity: saved ones of their own, and which view comes first.

They are preferences: nobody else sees them, and rights are asked when they are used, not when they are saved.
"""

from dataclasses import asdict, dataclass, replace
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from psycopg.types.json import Jsonb
from sqlalchemy.dialects.postgresql import insert

from fieldstone.engine.ids import new_id
from fieldstone.engine.storage import control
from fieldstone.engine.transaction import Transaction
from fieldstone.problems import FieldstoneError

TABLE: Final = control.preference
MOST: Final = 50
USER: Final = sa.bindparam("person", type_=sa.Uuid())
KEY: Final = sa.bindparam("wanted", type_=sa.Text())


class TooManyViews(FieldstoneError):
    """A person has saved as many views of an entity as are kept."""

    code = "views.many"
    kind = "refused"


class NoSuchView(FieldstoneError):
    code = "views.unknown"
    kind = "not_found"


@dataclass(frozen=True, slots=True)
class OwnView:
    """A saved view: `base` is the document that it began from, whose kind and other parts it keeps."""

    name: str
    title: str
    base: str
    filter: str = ""
    sort: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OwnViews:
    """A person's views of one entity; `default` names the view that opens first, of whatever origin."""

    views: tuple[OwnView, ...] = ()
    default: str = ""

    def view(self, name: str) -> OwnView | None:
        return next((view for view in self.views if view.name == name), None)


def own_views(tx: Transaction, entity: str) -> OwnViews:
    """What the actor has saved."""
    person = tx.context.actor.id
    if person is None:
        return OwnViews()
    plan = tx.plan(
        ("own views",), lambda: sa.select(TABLE.c.value).where(TABLE.c.user_id == USER, TABLE.c.key == KEY)
    )
    rows = tx.fetch(plan, {"person": person, "wanted": _key(entity)})
    return _from_json(rows[0][0]) if rows else OwnViews()


def save_own_view(tx: Transaction, entity: str, view: OwnView) -> OwnView:
    """Add a view, or change the one of its name. An empty name is given one."""
    found = own_views(tx, entity)
    if not view.name:
        view = replace(view, name=f"my-{new_id().hex[-12:]}")
        if len(found.views) >= MOST:
            raise TooManyViews(f"You have saved {MOST} views of this already; delete one first.")
        views = (*found.views, view)
    elif found.view(view.name) is None:
        raise NoSuchView("There is no such view of yours.")
    else:
        views = tuple(view if each.name == view.name else each for each in found.views)
    _store(tx, entity, replace(found, views=views))
    return view


def drop_own_view(tx: Transaction, entity: str, name: str) -> None:
    found = own_views(tx, entity)
    if found.view(name) is None:
        raise NoSuchView("There is no such view of yours.")
    default = "" if found.default == name else found.default
    _store(tx, entity, OwnViews(tuple(each for each in found.views if each.name != name), default))


def set_default_view(tx: Transaction, entity: str, name: str) -> None:
    """The view to open first; empty for the one that the documents put first."""
    _store(tx, entity, replace(own_views(tx, entity), default=name))


def _key(entity: str) -> str:
    return f"views.{entity}"


def _store(tx: Transaction, entity: str, views: OwnViews) -> None:
    person: UUID | None = tx.context.actor.id
    if person is None:
        raise FieldstoneError("Only people have views of their own.", code="account.none", kind="refused")
    value = Jsonb({"format": 1, "views": [asdict(view) for view in views.views], "default": views.default})
    statement = insert(TABLE).values(user_id=person, key=_key(entity), value=value)
    tx.defer_statement(
        statement.on_conflict_do_update(
            index_elements=[TABLE.c.user_id, TABLE.c.key], set_={"value": statement.excluded.value}
        )
    )


def _from_json(data: dict[str, Any]) -> OwnViews:
    views = (
        OwnView(**{**each, "sort": tuple(each["sort"]), "columns": tuple(each["columns"])})
        for each in data["views"]
    )
    return OwnViews(tuple(views), data["default"])
