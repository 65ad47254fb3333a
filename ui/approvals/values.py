"""Values of approvals as people read them: what the engine tells as plain JSON, shown by the widgets of its field."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from markupsafe import Markup

from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.definitions import Entity, Field
from fieldstone.ui.fields import column_at, shown_as
from fieldstone.ui.forms.layout import value_html
from fieldstone.ui.forms.linked import titles
from fieldstone.ui.visit import Visit

NUMBERS: Final = ("decimal", "money", "percent", "formula", "rollup")


@dataclass(frozen=True, slots=True)
class Shown:
    title: str
    html: Markup


@dataclass(frozen=True, slots=True)
class Changed:
    title: str
    old: Markup
    new: Markup


class Shower:
    """Shows values at paths of one entity's records."""

    def __init__(self, tx: Transaction, visit: Visit, entity: Entity) -> None:
        self.tx, self.visit, self.entity = tx, visit, entity

    def title(self, path: str) -> str:
        """The titles along a path."""
        return self.visit.labels.path(self.entity.name, tuple(path.split(".")))

    def html(self, path: str, value: Any, currency: str | None = None) -> Markup:
        """The value, or the words for nothing."""
        column = column_at(self.visit.model, self.entity, path)
        if value is None or value == "" or column is None:
            return Markup('<span class="fs-blank">{}</span>').format(self.visit.texts("value.empty"))
        _, field = shown_as(self.visit.model, column.entity, column.field)
        record: dict[str, Any] = {column.field.name: typed(field, value)}
        if currency is not None:
            record |= {f"{field.name}_currency": currency, f"{column.field.name}_currency": currency}
        found = titles(self.tx, column.entity, [record], {})
        return value_html(self.visit, column.entity, column.field, record, found)

    def shown(self, path: str, value: Any, currency: str | None = None) -> Shown:
        return Shown(self.title(path), self.html(path, value, currency))

    def changes(self, changes: Iterable[Mapping[str, Any]]) -> list[Changed]:
        """What was and what is, field by field; of lines only that they differ."""
        found = []
        for each in changes:
            name, old, new = str(each["field"]), each.get("old"), each.get("new")
            field = self.entity.fields.get(name)
            if field is not None and field.lines:
                told = self.visit.texts.count
                counts = [Markup("{}").format(told("value.lines", len(side or ()))) for side in (old, new)]
                found.append(Changed(self.title(name), counts[0], counts[1]))
                continue
            found.append(
                Changed(
                    self.title(name),
                    self.html(name, old, each.get("old_currency")),
                    self.html(name, new, each.get("new_currency")),
                )
            )
        return found


def typed(field: Field, value: Any) -> Any:
    """A value of JSON as the widgets take it."""
    if not isinstance(value, str):
        return value
    try:
        if field.type in NUMBERS:
            return Decimal(value)
        if field.type == "date":
            return date.fromisoformat(value)
        if field.type == "datetime":
            return datetime.fromisoformat(value)
    except (ValueError, ArithmeticError):
        return value
    return value
