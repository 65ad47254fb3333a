"""Finding the words for one receiver: in their language, with what they may see of the record.

The transaction is the receiver's own, so the record is read through the gate. Who may not read it is told that there is
something, of which kind, and nothing else.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from fieldstone.engine.records import read
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.presentation import Labels
from fieldstone.metadata.text_templates import render
from fieldstone.problems import FieldstoneError
from fieldstone.workflows.notifications.notice import group_of
from fieldstone.workflows.notifications.store import Told, name_of

log = logging.getLogger("fieldstone.notifications")
HIDDEN: Final = "notice_hidden"
LONGEST_TITLE: Final = 300
PEOPLE: Final = ("submitter",)
"""Data that name a user by id: told is the name."""


@dataclass(frozen=True, slots=True)
class Words:
    """A notice as somebody reads it. `path` is where a click leads, below the tenant; `html` is empty for plain ones."""

    title: str
    text: str
    html: str
    path: str | None
    hidden: bool = False


def words(tx: Transaction, told: Told, more: Mapping[str, Any] | None = None) -> Words:
    """What the actor of this transaction is told. `more` are further values (`action_url`)."""
    values = _values(tx, told)
    if values is None:
        path = told.link if told.link and not told.link.startswith("e/") else None
        known = {"kind": told.kind, "group": group_of(told.kind), **_common(tx)}
        return _rendered(tx, HIDDEN, told.kind, {**known, **(more or {})}, path, hidden=True)
    return _rendered(tx, told.template, told.kind, {**values, **(more or {})}, told.path)


def say(tx: Transaction, template: str, values: Mapping[str, Any]) -> Words:
    """The words of a template that is about no record."""
    return _rendered(tx, template, template, {**values, **_common(tx)}, None)


def _common(tx: Transaction) -> dict[str, Any]:
    return {"receiver": tx.context.actor.name, "company": tx.context.company.name}


def _values(tx: Transaction, told: Told) -> dict[str, Any] | None:
    """What the template may use; None when the receiver may not read the record."""
    values: dict[str, Any] = {**told.data, "kind": told.kind, "group": group_of(told.kind), **_common(tx)}
    values["actor"] = name_of(tx, told.actor) if told.actor else ""
    for name in PEOPLE:
        if isinstance(told.data.get(name), str):
            values[name] = _person(tx, told.data[name])
    if told.entity is None:
        return values
    entity = tx.model.entities.get(told.entity)
    if entity is None:
        return None
    labels = Labels(tx.model, tx.context.locale)
    values["entity_title"] = labels.entity(entity)
    if told.record is None:
        return values
    try:
        record = read(tx, told.entity, told.record)
    except FieldstoneError:
        return None
    values["record"] = record
    title = record.get(entity.title_field or "")
    values["record_title"] = title if isinstance(title, (str, int)) else labels.entity(entity)
    values["options"] = {
        field.name: labels.option(entity, field, record[field.name])
        for field in entity.fields.values()
        if field.options and isinstance(record.get(field.name), str)
    }
    return values


def _person(tx: Transaction, value: str) -> str:
    try:
        return name_of(tx, UUID(value))
    except ValueError:
        return value


def _rendered(
    tx: Transaction,
    name: str,
    kind: str,
    values: Mapping[str, Any],
    path: str | None,
    *,
    hidden: bool = False,
) -> Words:
    """The words of a template; a broken or missing one must not keep anybody from hearing."""
    template = tx.model.templates.get(name)
    plain = kind.replace(".", " ").replace("_", " ").capitalize()
    if template is None:
        log.warning("there is no message template %s", name)
        return Words(plain, "", "", path, hidden)
    locale = template.locale(tx.context.locale)
    zone = tx.context.actor.time_zone
    try:
        title = render(template.subject[locale], values, locale=locale, time_zone=zone)
        text = render(template.text.get(locale, ""), values, locale=locale, time_zone=zone)
        html = render(template.html.get(locale, ""), values, locale=locale, time_zone=zone, escape=True)
    except FieldstoneError as error:
        log.warning("message template %s: %s", name, error.message)
        return Words(plain, "", "", path, hidden)
    return Words(" ".join(title.split())[:LONGEST_TITLE] or plain, text.strip(), html.strip(), path, hidden)
