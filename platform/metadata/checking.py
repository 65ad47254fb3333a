"""Checks the expressions of drafts against all entities, and makes the finished entities.

The type of a computed field follows from its expression, which may read computed fields of other entities, so
types are found when they are asked for. A checked expression is kept with the signatures of everything it
read: another tenant with the same document takes it over when it would read the same. Circles of links are
fine; circles of computed values are errors.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final

from fieldstone.expressions import (
    BOOLEAN,
    DEFAULT,
    FORMULA,
    RULE,
    Allowed,
    Checked,
    ExpressionError,
    Lines,
    RecordType,
    Type,
    check,
)
from fieldstone.expressions.types import UNKNOWN, Link
from fieldstone.metadata.cache import CompileCache, content_hash
from fieldstone.metadata.definitions import (
    EMPTY,
    PARENT_LINK,
    Document,
    Entity,
    Field,
    Rollup,
    Rule,
    Sequence,
)
from fieldstone.metadata.duplicates_read import read_duplicates
from fieldstone.metadata.entities import Draft
from fieldstone.metadata.expression_types import RecordTypes, kind_of, signature
from fieldstone.metadata.fields import computed_field
from fieldstone.problems import Problem, did_you_mean

LINK_TYPES: Final = ("link", "parent", "user", "team")
DECIDING: Final = ("select", "radio", "dependent_select", "region", "text", "boolean")
"""Types of fields on which a choice may depend."""

COMPUTED: Final = ("formula", "rollup", "related")

Node = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Found:
    """What a computed field turned out to be. `reads` are the fields that its value
    depends on, `clock` is `now` or `today` when it reads that itself."""

    type: Type
    checked: Checked | None = None
    rollup: Rollup | None = None
    reads: frozenset[Node] = frozenset()
    clock: str = ""


class Checking:
    """One compile's view of all entities. `problems` holds (entity, problem), in the order found."""

    def __init__(
        self, drafts: Mapping[str, Draft], sequences: Mapping[str, Sequence], cache: CompileCache
    ) -> None:
        self.drafts = drafts
        self.sequences = sequences
        self.cache = cache
        self.types = RecordTypes({name: draft.entity for name, draft in drafts.items()}, self.find)
        self.problems: list[tuple[str, Problem]] = []
        self._found: dict[Node, Found] = {}
        self._running: set[Node] = set()
        self._signatures: dict[str, set[str]] = {}

    # Expressions

    def expression(
        self, entity: str, source: str, pointer: str, allowed: Allowed, expect: Type | None = None,
        record: RecordType | None = None, given: Mapping[str, Type] = EMPTY,
    ) -> Checked | None:  # fmt: skip
        """The checked expression over records of an entity; None when it is wrong, which is then noted.

        `given` are names besides those of the record, which stand in front of its own.
        """
        draft = self.drafts.get(entity)
        names = tuple(sorted((name, signature(type_)) for name, type_ in given.items()))
        key = (entity, source, allowed, repr(expect), names)  # what its fields are is compared below
        keep = record is None and draft is not None and not isinstance(expect, Link | Lines)
        record = record or (self.types.extended(entity, given) if given else None)
        if keep:
            for checked, seen in self.cache.expressions.get(key) or ():
                if all(self.sign(node) == sign for node, sign in seen):
                    self._signatures.setdefault(entity, set()).update(f"{n}={s}" for n, s in seen)
                    return checked  # type: ignore[no-any-return]
        try:
            checked = check(source, (record or self.types.of(entity)).allowing(allowed), expect=expect)
        except ExpressionError as error:
            self.problems += [(entity, problem) for problem in error.at(pointer)]
            return None
        seen = tuple((node, self.sign(node)) for node in sorted(set(self.hops(entity, checked.deps, given))))
        self._signatures.setdefault(entity, set()).update(f"{n}={s}" for n, s in seen)
        if keep and not any(sign == repr(UNKNOWN) for _, sign in seen):
            known = self.cache.expressions.get(key) or ()
            self.cache.expressions.replace(key, ((checked, seen), *known[:7]))
        return checked

    def close(self, entities: Mapping[str, Entity]) -> None:
        """End checking: what the types of expressions still look up, they find in the finished entities.

        Expressions live as long as the model; without this they would keep everything that checking noted down.
        """
        self.types.close(entities)
        self.drafts = {}
        self._found, self._signatures = {}, {}

    def seen_by(self, entity: str) -> list[str]:
        """What the expressions of an entity have read so far, with its types."""
        return sorted(self._signatures.get(entity, ()))

    def hops(
        self, entity: str, deps: Iterable[tuple[str, ...]], given: Mapping[str, Type] = EMPTY
    ) -> Iterator[Node]:
        """The fields on the way of every path, each with its entity."""
        for path in deps:
            at = entity
            for place, name in enumerate(path):
                own = place > 0 or name not in given
                if own:
                    yield at, name
                type_ = self.types.field(at, name) if own else given[name]
                record = type_.record() if isinstance(type_, Link | Lines) else None
                if record is None:
                    break
                at = record.name

    def sign(self, node: Node) -> str:
        return signature(self.types.field(*node))

    # Computed fields

    def find(self, entity: str, definition: Field) -> Type:
        """The type of a computed field; UNKNOWN inside a circle, which `circles` reports."""
        node = (entity, definition.name)
        if node in self._running:
            return UNKNOWN
        return self.compute(entity, definition).type

    def compute(self, entity: str, definition: Field) -> Found:
        node = (entity, definition.name)
        if node not in self._found:
            self._running.add(node)
            place = self.drafts[entity].places[definition.name]
            kind = {"formula": self.formula, "rollup": self.rollup, "related": self.related}[definition.type]
            self._found[node] = kind(entity, definition, place)
            self._running.discard(node)
        return self._found[node]

    def result(self, entity: str, pointer: str, checked: Checked | None) -> Type:
        if checked is None:
            return UNKNOWN
        if checked.type is not UNKNOWN and kind_of(checked.type) is None:
            message = f"the result is of type {checked.type}, which cannot be kept or shown"
            self.problems.append((entity, Problem(pointer, "formula.type", message)))
            return UNKNOWN
        return checked.type

    def formula(self, entity: str, definition: Field, place: str) -> Found:
        source = definition.settings.get("expressions", {}).get("formula")
        if source is None:
            return Found(UNKNOWN)
        checked = self.expression(entity, source, f"{place}/formula", FORMULA)
        reads = frozenset(self.hops(entity, checked.deps)) if checked else frozenset()
        return Found(self.result(entity, f"{place}/formula", checked), checked, None, reads, clock(checked))

    def related(self, entity: str, definition: Field, place: str) -> Found:
        pointer = f"{place}/related"
        path = definition.related or ()
        if len(path) < 2:
            if path:
                message = f'"{path[0]}" is no path; write a link, a point and a field, such as place.name'
                self.problems.append((entity, Problem(pointer, "related.path", message)))
            return Found(UNKNOWN)
        checked = self.expression(entity, ".".join(f"`{name}`" for name in path), pointer, FORMULA)
        reads = frozenset(self.hops(entity, checked.deps)) if checked else frozenset()
        return Found(self.result(entity, pointer, checked), checked, reads=reads)

    def rollup(self, entity: str, definition: Field, place: str) -> Found:
        spec = definition.settings.get("rollup")
        if not isinstance(spec, Mapping):
            return Found(UNKNOWN)
        pointer = f"{place}/rollup"
        child = self.child_of(entity, spec["of"], f"{pointer}/of")
        if child is None:
            return Found(UNKNOWN)
        name, link = child
        before = len(self.problems)
        value = self.part(name, entity, spec, "value", pointer)
        where = self.part(name, entity, spec, "where", pointer)
        if value is None and spec["fn"] != "count" and "value" not in spec:
            message = f'"{spec["fn"]}" needs "value", an expression over one child'
            self.problems.append((entity, Problem(f"{pointer}/value", "rollup.value", message)))
        if len(self.problems) > before:
            return Found(UNKNOWN)
        type_ = self.rollup_type(entity, name, spec, pointer)
        rollup = Rollup(spec["of"], name, link, spec["fn"], value, where)
        deps = [path for part in (value, where) if part is not None for path in part.deps]
        own = {(entity, spec["of"])} if link == PARENT_LINK else {(name, link)}
        reads = frozenset((*own, *self.hops(name, deps)))
        return Found(type_, None, rollup, reads, clock(value) or clock(where))

    def part(
        self, child: str, entity: str, spec: Mapping[str, Any], part: str, pointer: str
    ) -> Checked | None:
        if part not in spec:
            return None
        before = len(self.problems)
        checked = self.expression(
            child, spec[part], f"{pointer}/{part}", FORMULA, BOOLEAN if part == "where" else None
        )
        self.problems[before:] = [
            (entity if owner == child and problem.path.startswith(pointer) else owner, problem)
            for owner, problem in self.problems[before:]
        ]
        if checked is not None:
            seen = self._signatures.setdefault(entity, set())
            seen.update(f"{node}={self.sign(node)}" for node in self.hops(child, checked.deps))
        return checked

    def rollup_type(self, entity: str, child: str, spec: Mapping[str, Any], pointer: str) -> Type:
        """The type that the language gives to the same aggregate over lines."""
        record = RecordType(entity, {"children": Lines(self.types.of(child))})
        value, where = spec.get("value", "true"), spec.get("where")
        source = f"{spec['fn']}(children, {value}" + (f", {where})" if where else ")")
        checked = self.expression(entity, source, f"{pointer}/value", FORMULA, record=record)
        return self.result(entity, pointer, checked)

    def child_of(self, entity: str, of: str, pointer: str) -> tuple[str, str] | None:
        """The entity of the children and the field that ties them to this one."""
        fields = self.drafts[entity].entity.fields
        if of in fields and fields[of].lines is not None:
            return str(fields[of].lines), PARENT_LINK
        child, _, link = of.partition(".")
        linking = self.drafts.get(child)
        if linking is not None and link in linking.entity.fields:
            found = linking.entity.fields[link]
            if found.type in LINK_TYPES and found.target == entity and linking.entity.parent is None:
                return child, link
            message = f'"{of}" does not link to "{entity}"'
        else:
            message = f'"{of}" is neither a field of lines here nor entity.field of records that link here'
        known = [field.name for field in fields.values() if field.lines]
        known += [
            f"{name}.{field.name}"
            for name, draft in self.drafts.items()
            for field in draft.entity.fields.values()
            if field.type in LINK_TYPES and field.target == entity and draft.entity.parent is None
        ]
        self.problems.append((entity, Problem(pointer, "rollup.of", message + did_you_mean(of, known))))
        return None

    def circles(self) -> None:
        """Reports computed values that depend on themselves, once per circle."""
        done: set[Node] = set()
        for entity, draft in self.drafts.items():
            for name in draft.entity.fields:
                self.walk((entity, name), [], done)

    def clocks(self) -> None:
        """Reports what is kept in a column and reads the clock: nobody writes it again as time goes by."""
        for entity, name in self._found:
            definition = self.drafts[entity].entity.fields[name]
            if definition.type == "rollup" or definition.stored:
                for node in self.below((entity, name), set()):
                    reading = self._found[node].clock
                    if reading:
                        what = "this value is kept in a column, which does not follow the clock"
                        message = f"{what}, but {node[0]}.{node[1]} reads {reading}()"
                        place = self.drafts[entity].places[name]
                        self.problems.append((entity, Problem(place, "formula.clock", message)))
                        break

    def below(self, node: Node, seen: set[Node]) -> Iterator[Node]:
        """A computed value and all that it is computed from."""
        if node in self._found and node not in seen:
            seen.add(node)
            yield node
            for other in sorted(self._found[node].reads):
                yield from self.below(other, seen)

    def walk(self, node: Node, path: list[Node], done: set[Node]) -> None:
        if node in path:
            circle = path[path.index(node) :]
            words = " -> ".join(f"{entity}.{name}" for entity, name in (*circle, node))
            entity, name = node
            pointer = self.drafts[entity].places[name]
            self.problems.append((entity, Problem(pointer, "formula.circle", f"depends on itself: {words}")))
            return
        if node in done or node not in self._found:
            return
        for below in sorted(self._found[node].reads):
            self.walk(below, [*path, node], done)
        done.add(node)

    # Finished entities

    def finish(self, draft: Draft, document: Document | None = None) -> Entity:
        """The entity with its expressions checked; problems are noted. Lines have no document of their own."""
        entity = draft.entity
        fields = {
            name: self.cache.shared(self.finished(entity, field, draft.places[name]))
            for name, field in entity.fields.items()
        }
        rules = []
        for text in draft.rules:
            when = self.expression(entity.name, text.when, f"{text.pointer}/when", RULE, BOOLEAN)
            if text.mend is not None and text.mend not in self.drafts:
                near = did_you_mean(text.mend, self.drafts)
                message = f'"{text.mend}" is no entity{near}'
                self.problems.append(
                    (entity.name, Problem(f"{text.pointer}/mend", "entity.unknown", message))
                )
            if when is not None:
                rules.append(Rule(text.name, when, text.message, text.field, text.layer, text.mend))
        duplicates = read_duplicates(document, entity, self) if document is not None else ()
        seen = self.seen_by(entity.name)
        sequences = [
            [name, field.sequence.pattern, field.sequence.gapless]
            for name, field in fields.items()
            if field.sequence
        ]
        whole_hash = content_hash(entity.hash, entity.name, seen, sequences)
        made = replace(
            entity,
            fields=MappingProxyType(fields),
            rules=tuple(rules),
            duplicates=duplicates,
            hash=whole_hash,
        )
        return made if self.problems else self.cache.entities.keep(whole_hash, made)

    def finished(self, entity: Entity, definition: Field, place: str) -> Field:
        texts = definition.settings.get("expressions", {})
        changes: dict[str, Any] = {}
        for keyword, attribute in (("requiredWhen", "required_when"), ("readOnlyWhen", "read_only_when")):
            if keyword in texts:
                changes[attribute] = self.expression(
                    entity.name, texts[keyword], f"{place}/{keyword}", RULE, BOOLEAN
                )
        if "defaultExpression" in texts:
            wanted = None if definition.type in COMPUTED else self.types.type_of(entity.name, definition)
            pointer = f"{place}/defaultExpression"
            changes["default_expression"] = self.expression(
                entity.name, texts["defaultExpression"], pointer, DEFAULT, wanted
            )
        if definition.type in LINK_TYPES or definition.type == "any_link":
            self.target(entity, definition, place)
        if definition.type == "dependent_select":
            self.depending(entity, definition, place)
        if definition.type == "snapshot":
            definition = self.snapshot(entity, definition, place)
        if definition.type == "sequence":
            changes["sequence"] = self.sequence(entity, definition, place)
        if definition.type in COMPUTED:
            found = self.compute(entity.name, definition)
            kind = kind_of(found.type)
            if kind is not None:
                definition = computed_field(definition, kind)
            changes["formula"] = found.checked if definition.type != "rollup" else None
            changes["rollup"] = found.rollup
        return replace(definition, **changes) if changes else definition

    def target(self, entity: Entity, definition: Field, place: str) -> None:
        known = [name for name, draft in self.drafts.items() if draft.entity.parent is None]
        several = enumerate(definition.settings.get("targets", ()))
        named = [(f"targets/{at}", target) for at, target in several] or [("target", definition.target)]
        for keyword, target in named:
            if target is not None and target not in known:
                message = f'link target "{target}" is no entity{did_you_mean(target, known)}'
                self.problems.append((entity.name, Problem(f"{place}/{keyword}", "link.target", message)))

    def depending(self, entity: Entity, definition: Field, place: str) -> None:
        """A dependent choice names a field that can decide about it, and values that this can have."""
        name = definition.settings["depends_on"]
        able = {f.name: f for f in entity.fields.values() if f.type in DECIDING and f.name != definition.name}
        if name and name not in able:
            message = f'"{name}" is no field that can decide about a choice{did_you_mean(name, able)}'
            self.problems.append((entity.name, Problem(f"{place}/dependsOn", "dependsOn", message)))
            return
        consts = [option.const for option in able[name].options] if name else []
        for option in definition.options if consts else ():
            for value in option.when or ():
                if value not in consts:
                    message = f'option "{option.const}": "{value}" is no value of "{name}"{did_you_mean(value, consts)}'
                    self.problems.append((entity.name, Problem(f"{place}/oneOf", "option.when", message)))

    def snapshot(self, entity: Entity, definition: Field, place: str) -> Field:
        """A snapshot copies fields that are there, of a record that a link leads to."""
        of, names = definition.settings["of"], definition.settings["fields"]
        links = {f.name: f.target for f in entity.fields.values() if f.type in LINK_TYPES}
        if of and of not in links:
            message = f'"{of}" is no link{did_you_mean(of, links)}'
            self.problems.append((entity.name, Problem(f"{place}/of", "snapshot.of", message)))
        target = self.drafts.get(links.get(of) or "")
        known = {} if target is None else target.entity.fields
        for at, name in enumerate(names if target is not None else ()):
            if (
                name not in known
                or known[name].lines
                or (known[name].computed and known[name].type != "sequence")
            ):
                message = f'"{name}" is no field that can be copied{did_you_mean(name, known)}'
                self.problems.append(
                    (entity.name, Problem(f"{place}/fields/{at}", "snapshot.field", message))
                )
        source = definition.settings.get("expressions", {}).get("when")
        if source is None:
            return definition
        when = self.expression(entity.name, source, f"{place}/when", RULE, BOOLEAN)
        return replace(definition, settings=MappingProxyType({**definition.settings, "when": when}))

    def sequence(self, entity: Entity, definition: Field, place: str) -> Sequence | None:
        given = definition.settings.get("sequence")
        if isinstance(given, Mapping):
            pattern, gapless = given.get("pattern"), given.get("gapless") is True
        elif isinstance(given, str) and given in self.sequences:
            return self.sequences[given]
        else:
            pattern, gapless = given, definition.settings.get("gapless") is True
        wrong = sequence_problem(pattern, self.sequences)
        if wrong:
            self.problems.append((entity.name, Problem(f"{place}/sequence", "sequence.pattern", wrong)))
            return None
        return Sequence(str(pattern), gapless)


def clock(checked: Checked | None) -> str:
    """What an expression reads of the clock."""
    return min(checked.reads_context & {"now", "today"}, default="") if checked else ""


def sequence_problem(pattern: Any, known: Iterable[str] = ()) -> str | None:
    """What is wrong with a pattern of numbers, or None."""
    if not isinstance(pattern, str):
        return None if pattern is None else 'expected a pattern such as "A-{year}-{n:05}"'
    marks = re.findall(r"\{([^{}]*)\}", pattern)
    rest = re.sub(r"\{[^{}]*\}", "", pattern)
    if "{" in rest or "}" in rest:
        return f'"{pattern}" has a brace without its partner'
    for mark in marks:
        if mark not in ("year", "yy", "month", "day", "n") and not re.fullmatch(r"n:0[1-9]|n:01[0-8]", mark):
            known_marks = "{n}, {n:05}, {year}, {yy}, {month}, {day}"
            return f'"{{{mark}}}" is unknown; a pattern may use {known_marks}'
    if sum(mark.startswith("n") for mark in marks) != 1:
        return f'"{pattern}" needs {{n}} once, the number{did_you_mean(pattern, known)}'
    return None
