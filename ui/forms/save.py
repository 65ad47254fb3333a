"""Saving a form: the engine's verbs, once per form key, and an answer that lets nothing typed be lost.

The browser sends the values that were changed, the version and the revision that the form was made from, and a key. The
answers, as JSON: 200 saved (`url`), 409 `moved` (the definitions changed: what was renamed, what is gone), 412 `stale`
(the record as it is now), 422 `invalid` (problems by pointer); other errors with their kind.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from typing import Any
from uuid import UUID

from werkzeug.wrappers import Response

from fieldstone.engine import records
from fieldstone.engine.duplicates import LikelyDuplicate
from fieldstone.engine.idempotency import Claim, KeyReused, write_once
from fieldstone.engine.ids import new_id
from fieldstone.engine.query.gate import bindings
from fieldstone.engine.records.asking import ask_first
from fieldstone.engine.transaction import Transaction
from fieldstone.expressions import Checked, evaluate
from fieldstone.metadata.definitions import Entity
from fieldstone.metadata.json_text import parse_json
from fieldstone.problems import FieldstoneError, Problem
from fieldstone.ui import flash
from fieldstone.ui.alike.found import html
from fieldstone.ui.errors import STATUS
from fieldstone.ui.fields import title_of
from fieldstone.ui.forms.describe import paths_read, rules_of
from fieldstone.ui.forms.layout import Laid, Layouter, with_links
from fieldstone.ui.forms.linked import needs_of, titles
from fieldstone.ui.forms.problems import told
from fieldstone.ui.forms.revisions import moved
from fieldstone.ui.forms.screen import json_response
from fieldstone.ui.visit import Seen, Visit


class MalformedForm(FieldstoneError):
    code = "form.malformed"
    kind = "malformed"


class FormMoved(FieldstoneError):
    """Values were typed into fields that are no more."""

    code = "form.moved"
    kind = "conflict"


class Incomplete(FieldstoneError):
    """The form asks for more than the entity does."""

    code = "invalid"
    kind = "invalid"


@dataclass(frozen=True, slots=True)
class Sent:
    """What the browser sent."""

    key: str
    revision: int
    version: int | None
    form: str | None
    values: dict[str, Any]
    anyway: bool
    fingerprint: bytes


def create(visit: Visit, entity: str) -> Response:
    """Make a record from a form."""
    return _save(visit, entity, None)


def update(visit: Visit, entity: str, record_id: UUID) -> Response:
    """Change a record from a form."""
    return _save(visit, entity, record_id)


def _save(visit: Visit, name: str, record_id: UUID | None) -> Response:
    entity = visit.entity(name)
    sent = _sent(visit, name, record_id)
    claim = Claim(f"form:{sent.key}", sent.fingerprint)
    try:
        work = partial(_write, visit=visit, name=name, record_id=record_id, sent=sent)
        done, _ = write_once(visit.services.engine, visit.context, claim, work)
    except FieldstoneError as error:
        return _refused(visit, entity, record_id, sent, error)
    response = json_response({"url": visit.urls.record(name, done["id"])})
    key = "form.changed" if record_id else "form.created"
    return flash.put(response, visit.urls, visit.texts(key, title=done["title"]))


def _sent(visit: Visit, entity: str, record_id: UUID | None) -> Sent:
    raw = visit.request.get_data()
    body = parse_json(raw)
    try:
        version = body["version"]
        sent = Sent(
            key=str(UUID(body["key"])),
            revision=int(body["revision"]),
            version=None if version is None else int(version),
            form=body.get("form"),
            values=dict(body["values"]),
            anyway=body.get("anyway") is True,
            fingerprint=sha256(f"{entity}/{record_id}".encode() + raw).digest(),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise MalformedForm("The form was not sent as one.") from error
    return sent


def _write(tx: Transaction, visit: Visit, name: str, record_id: UUID | None, sent: Sent) -> dict[str, Any]:
    entity = tx.model.entities[name]
    now = moved(tx.model, entity, sent.values)
    if now.removed:
        raise FormMoved("Some fields are no more.", renamed=now.renamed, removed=now.removed)
    if record_id is None:
        record = records.create(tx, name, now.values)
        old = None
    else:
        old = records.read(tx, name, record_id)
        record = records.update(tx, name, record_id, now.values, if_match=sent.version)
    _require(tx, visit, entity, record, old, sent)
    if not sent.anyway:
        ask_first(tx, name, record["id"], None if old is None else now.values)
    return {"id": str(record["id"]), "title": title_of(entity, record)}


def _require(
    tx: Transaction,
    visit: Visit,
    entity: Entity,
    record: Mapping[str, Any],
    old: Mapping[str, Any] | None,
    sent: Sent,
) -> None:
    """Refuse when something is empty that the form, and not only the entity, requires.

    As with rules, a record that was incomplete before stays editable: only new records and changed fields count.
    """
    visit = replace(visit, seen=[Seen(tx.model)])
    bare = Layouter(visit, entity, {}, editing=True, form=sent.form).lay()
    if bare is None:
        return
    found = titles(tx, entity, [record], needs_of(paths_read(tx, entity, bare)))
    seen = with_links(entity, record, found, visit)
    given = frozenset(name for name in record if old is None or record[name] != old.get(name))
    bound = replace(bindings(tx), old=old, is_new=old is None, changed=given)

    def holds(rule: Checked | None) -> bool:
        return rule is not None and evaluate(rule, seen, bindings=bound) is True

    problems = [
        Problem(f"/{name}", "required", "must be given", layer=layer)
        for name, layer in _demanded(bare, holds)
        if record.get(name) in (None, "", [], {}) and (old is None or _concerned(bare, name, given))
    ]
    if problems:
        raise Incomplete("The form is not complete.", problems=problems)


def _demanded(laid: Laid, holds: Any) -> list[tuple[str, str]]:
    """Names of the items that are to be filled in now, with the layer that says so."""
    found = []
    for tab in laid.tabs:
        for section in tab.sections:
            if any(part.visible_when is not None and not holds(part.visible_when) for part in (tab, section)):
                continue
            for each in section.items:
                rules = rules_of(each)
                if each.kind not in ("control", "lines") or each.locked:
                    continue
                if any(not holds(rule) for rule in rules.get("visible", ())):
                    continue
                if each.required or any(holds(rule) for rule in rules.get("required", ())):
                    found.append((each.name, each.item.layer))
    return found


def _concerned(laid: Laid, name: str, changed: frozenset[str]) -> bool:
    """Whether a change touches the item, or what its rules read."""
    each = next(item for item in laid.items if item.name == name)
    rules = [rule for given in rules_of(each).values() for rule in given]
    return name in changed or any(path[0] in changed for rule in rules for path in rule.deps)


def _refused(
    visit: Visit, entity: Entity, record_id: UUID | None, sent: Sent, error: FieldstoneError
) -> Response:
    if isinstance(error, FormMoved):
        return json_response({"kind": "moved", **error.data}, 409)
    if isinstance(error, LikelyDuplicate):
        asked = html(visit, entity, error.data["matches"], asking=True)
        return json_response({"kind": "duplicates", "html": asked}, 409)
    if isinstance(error, KeyReused):
        return json_response({"kind": "reused", "key": str(new_id())}, 409)
    if error.kind == "stale" and record_id is not None:
        return json_response({"kind": "stale", **_as_it_is(visit, entity, record_id)}, 412)
    problems = told(visit, entity, error)
    if error.kind == "invalid" and sent.revision != visit.read(lambda tx: tx.context.revision):
        now = moved(visit.model, entity, sent.values)
        return json_response(
            {"kind": "moved", "renamed": now.renamed, "removed": [], "problems": problems}, 409
        )
    if error.kind in ("invalid", "conflict", "refused"):
        return json_response({"kind": "invalid", "problems": problems}, 422)
    return json_response(
        {"kind": error.kind, "message": visit.texts(f"error.{error.kind}.text")}, STATUS[error.kind]
    )


def _as_it_is(visit: Visit, entity: Entity, record_id: UUID) -> dict[str, Any]:
    """The record as somebody else saved it, for the choice between both."""

    def work(tx: Transaction) -> dict[str, Any]:
        record = records.read(tx, entity.name, record_id)
        found = titles(tx, entity, [record], {})
        by = titles(tx, entity, [{"updated_by": record.get("updated_by")}], {})
        name = next(iter(by.values()))["$title"] if by else ""
        when = visit.formats.stamp(record["updated_at"])
        text = visit.texts("form.stale_by", name=name or "?", at=when)
        return {"version": record["version"], "values": record, "linked": found, "text": text}

    return visit.read(work)
