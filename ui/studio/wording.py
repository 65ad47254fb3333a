"""Changes of a plan in words: one phrase for each kind of change, its facts, and one sentence for a whole small plan."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from fieldstone.engine.publish import Change, PublishPlan
from fieldstone.metadata.definitions import Model
from fieldstone.metadata.presentation import Labels
from fieldstone.ui.visit import Visit

CLASSES: Final = ("destructive", "rewrite", "backfill", "safe")
"""The classes of changes, the gravest first."""

COUNTED: Final = ("violating", "lost", "duplicates", "rows")
"""Facts that are numbers of records."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A record that a change touches."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class ShownChange:
    id: str
    cls: str
    text: str
    facts: tuple[str, ...]
    samples: tuple[Sample, ...]
    repair: str | None
    consent: bool


def shown_changes(visit: Visit, plan: PublishPlan) -> list[ShownChange]:
    """The changes that people should see: documents that only follow another change of theirs are left out."""
    words = Wording(visit, plan.model)
    telling = [change for change in plan.changes if not _follows(change, plan)]
    return [words.shown(change) for change in sorted(telling, key=lambda change: CLASSES.index(change.cls))]


def _follows(change: Change, plan: PublishPlan) -> bool:
    """Whether a changed document says nothing that another change does not say better."""
    if change.op == "add_entity" and plan.model and (owner := plan.model.entities[change.entity].parent):
        return any(each.id == "add_field:{}.{}".format(*owner) for each in plan.changes)
    if not change.op.startswith("document_"):
        return False
    folder, _, name = change.id.removeprefix("document:").partition("/")
    entities = {each.entity for each in plan.changes if not each.op.startswith("document_")}
    if folder == "entities":
        return name in entities
    document = plan.model.documents.get((folder, name)) if plan.model else None
    if document is None:
        return False
    generated = set(document.provenance.values()) <= {"generated"}
    return generated and (document.body.get("entity") in entities or folder == "menus")


def sentence(visit: Visit, plan: PublishPlan) -> str:
    """A small plan in one sentence."""
    changes = shown_changes(visit, plan)
    texts = visit.texts
    main = [change for change in changes if not change.id.startswith(("document:", "tighten:"))] or changes
    what = texts("studio.join").join(change.text for change in main) if main else texts("studio.nothing")
    violating = sum(change.facts.get("violating", 0) for change in plan.changes)
    lost = sum(change.facts.get("lost", 0) for change in plan.changes)
    if lost:
        return texts.count("studio.sentence.lost", lost, what=what)
    if violating:
        return texts.count("studio.sentence.violating", violating, what=what)
    return texts("studio.sentence.safe", what=what)


class Wording:
    """Says changes between the live model and another."""

    def __init__(self, visit: Visit, new: Model | None) -> None:
        self._visit = visit
        self._old = visit.model
        self._new = new or visit.model

    def shown(self, change: Change) -> ShownChange:
        texts = self._visit.texts
        keys = {name: f"studio.fact.{name}" for name in COUNTED if change.facts.get(name)}
        facts = tuple(texts.count(key, int(change.facts[name])) for name, key in keys.items())
        repair = None
        if change.facts.get("violating") and change.entity in self._old.entities:
            repair = self._visit.urls.list(change.entity, repair="1")
        return ShownChange(
            change.id, change.cls, self.text(change), facts, tuple(self._samples(change)), repair,
            change.cls == "destructive",
        )  # fmt: skip

    def text(self, change: Change) -> str:
        """A change as a phrase without a full stop."""
        key = f"studio.change.{change.op}"
        return self._visit.texts(key, **self._values(change))

    def _values(self, change: Change) -> dict[str, str]:
        if change.op.startswith("document_"):
            return {"document": self._document(change)}
        return {
            "entity": self._entity(change.entity),
            "field": self._rule(change)
            if change.op in ("rule", "drop_rule")
            else self._field(change, self._new),
            "old": self._source(change),
            "type": self._type(change, self._new),
            "old_type": self._type(change, self._old),
        }

    def _entity(self, name: str) -> str:
        model = self._new if name in self._new.entities else self._old
        entity = model.entities.get(name)
        return Labels(model, self._visit.texts.locale).plural(entity) if entity else name

    def _field(self, change: Change, model: Model) -> str:
        for each in (model, self._new, self._old):
            entity = each.entities.get(change.entity)
            field = entity.fields.get(change.field) if entity else None
            if entity and field:
                return Labels(each, self._visit.texts.locale).field(entity, field)
        return change.field

    def _source(self, change: Change) -> str:
        """What a renamed field was called."""
        name = change.id.rpartition(".")[2].partition(">")[0]
        entity = self._old.entities.get(change.entity)
        field = entity.fields.get(name) if entity else None
        return Labels(self._old, self._visit.texts.locale).field(entity, field) if entity and field else name

    def _type(self, change: Change, model: Model) -> str:
        entity = model.entities.get(change.entity)
        field = entity.fields.get(change.field) if entity else None
        key = f"studio.type.{field.type}" if field else ""
        return self._visit.texts(key) if self._visit.texts.has(key) else (field.type if field else "")

    def _rule(self, change: Change) -> str:
        for model in (self._new, self._old):
            entity = model.entities.get(change.entity)
            rule = (
                next((rule for rule in entity.rules if rule.name == change.field), None) if entity else None
            )
            if entity and rule:
                return Labels(model, self._visit.texts.locale).rule(entity, rule.name, rule.message)
        return change.field

    def _document(self, change: Change) -> str:
        folder, _, name = change.id.removeprefix("document:").partition("/")
        model = self._new if (folder, name) in self._new.documents else self._old
        labels = Labels(model, self._visit.texts.locale)
        title = name
        if folder == "forms" and name in model.forms:
            title = labels.form(model.forms[name])
        elif folder == "views" and name in model.views:
            title = labels.view(model.views[name])
        elif folder == "menus" and name in model.menus:
            title = labels.menu(model.menus[name])
        elif folder == "roles":
            title = labels.role(name)
        elif folder == "entities" and name in model.entities:
            title = labels.plural(model.entities[name])
        elif folder == "workflows" and name in model.workflows:
            title = labels.workflow(model.workflows[name])
        elif folder == "automations" and name in model.automations:
            title = labels.automation(model.automations[name])
        key = f"studio.document.{folder}"
        return self._visit.texts(key if self._visit.texts.has(key) else "studio.document.other", title=title)

    def _samples(self, change: Change) -> Iterable[Sample]:
        entity = self._old.entities.get(change.entity)
        for number, each in enumerate(change.facts.get("samples", ()), 1):
            if change.op == "add_unique":
                yield Sample(str(each), "")
            elif entity is not None and entity.parent is None:
                yield Sample(f"#{number}", self._visit.urls.record(change.entity, each))


def lossy(change: Change) -> bool:
    """Whether a destructive change takes stored values with it, as far as is known."""
    facts: Mapping[str, Any] = change.facts
    return change.cls == "destructive" and bool(
        facts.get("entered", facts.get("lost", facts.get("rows", change.op != "drop_field")))
    )
