"""The compiled, immutable form of metadata: what the engine, the API and the screens read.

Documents (JSON) go in at one end of this layer and definitions come out at the other; nothing above it ever
looks at a raw document to decide what to do. Definitions are shared between tenants by content hash, so they
hold nothing of one tenant's and nothing that changes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, Literal

from fieldstone.expressions import Checked
from fieldstone.metadata.approval_flows import DecisionTable, Workflow
from fieldstone.metadata.automation_rules import Automation
from fieldstone.metadata.conversion_maps import Conversion
from fieldstone.metadata.duplicate_rules import DuplicateRule
from fieldstone.metadata.message_templates import MessageTemplate
from fieldstone.metadata.state_machines import StateMachine

EMPTY: Final[Mapping[str, Any]] = MappingProxyType({})

SYSTEM_FIELDS: Final = (
    "id", "version", "created_at", "created_by", "updated_at", "updated_by", "owner_id", "deleted_at",
)  # fmt: skip

PARENT_LINK: Final = "_parent"
"""What ties a line to its owner; no property may have this name."""

Reach = Literal["none", "own", "team", "team_and_below", "all"]
OnDelete = Literal["restrict", "clear", "cascade"]


class Missing:
    """The value of what is absent, where None is a value of its own."""

    def __repr__(self) -> str:
        return "MISSING"

    def __bool__(self) -> bool:
        return False


MISSING: Final = Missing()


@dataclass(frozen=True, slots=True)
class Option:
    """One allowed value of a select: `const` is stored, `title` is shown.

    `when` holds the values of another field with which it goes (None: all), for a choice that depends on one.
    """

    const: str
    title: str
    color: str | None = None
    when: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Rollup:
    """A value over child or linking records, kept in a column of the parent.

    `of` is a lines field of the same entity (then `link` is PARENT_LINK), or `entity.link_field` for records
    that link here (then `link` is that field). `child` is the entity of the records counted.
    `fn` is sum, count, avg, min, max, any or all; `value` and `where` are expressions over the child.
    """

    of: str
    child: str
    link: str
    fn: str
    value: Checked | None
    where: Checked | None


@dataclass(frozen=True, slots=True)
class Sequence:
    """A numbering pattern such as `A-{year}-{n:05}`; numbers are unique, and without gaps when `gapless`."""

    pattern: str
    gapless: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """One attribute of an entity.

    `schema` is plain JSON Schema for the value on the wire (our vocabulary removed): the contract.
    `settings` holds what only this field's type understands (target forms, digits, accepted file types).
    `nullable` tells whether the schema allows null as a value, so that even a required field may hold it.
    `approval` names the workflow that must approve a change of the value; `machine` says how a select may change.
    """

    name: str
    type: str
    title: str
    schema: Mapping[str, Any]
    description: str = ""
    required: bool = False
    read_only: bool = False
    nullable: bool = False
    unique: bool = False
    index: bool = False
    search: bool = False
    sensitive: bool = False
    default: Any = MISSING
    default_expression: Checked | None = None
    options: tuple[Option, ...] = ()
    target: str | None = None
    on_delete: OnDelete = "clear"
    formula: Checked | None = None
    stored: bool = False
    rollup: Rollup | None = None
    related: tuple[str, ...] | None = None
    sequence: Sequence | None = None
    lines: str | None = None
    required_when: Checked | None = None
    read_only_when: Checked | None = None
    renamed_from: str | None = None
    approval: str | None = None
    machine: StateMachine | None = None
    settings: Mapping[str, Any] = field(default_factory=lambda: EMPTY)
    layer: str = ""

    @property
    def computed(self) -> bool:
        """Whether the platform writes the value and a body may not."""
        return self.type in ("formula", "rollup", "related", "sequence", "snapshot")


@dataclass(frozen=True, slots=True)
class Rule:
    """A validation of the entity: the write is refused, with `message` at `field`, while `when` is true.

    `mend` is the entity whose records may have to be added or changed before the write can succeed.
    """

    name: str
    when: Checked
    message: str
    field: str | None = None
    layer: str = ""
    mend: str | None = None


@dataclass(frozen=True, slots=True)
class Entity:
    """One kind of record.

    `parent` is set for line entities, which have a table of their own but no URL: the entity that owns them
    and the lines field's name (`order.items` is the entity `order__items` with parent ("order", "items")).
    `composite` holds the object-level keywords of the JSON Schema (allOf, anyOf, oneOf, not, if/then/else,
    dependentRequired, dependentSchemas, minProperties, maxProperties, propertyNames, patternProperties).
    `extras` is False (closed), True, or the schema that additional properties must satisfy.
    `hash` is the content hash of everything in here, and the key under which the definition is shared.
    """

    name: str
    title: str
    plural: str
    fields: Mapping[str, Field]
    title_field: str | None
    hash: str
    description: str = ""
    icon: str = "database"
    rules: tuple[Rule, ...] = ()
    composite: Mapping[str, Any] = field(default_factory=lambda: EMPTY)
    extras: bool | Mapping[str, Any] = False
    parent: tuple[str, str] | None = None
    rate_date: str | None = None
    duplicates: tuple[DuplicateRule, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=lambda: EMPTY)
    layer: str = ""

    def field_behind(self, name: str) -> str:
        """The field that a name in an expression belongs to: `price` for `price_currency` and `price_base`."""
        if name in self.fields:
            return name
        for suffix in ("_currency", "_base"):
            found = self.fields.get(name.removesuffix(suffix))
            if found is not None and found.type == "money":
                return found.name
        return name


@dataclass(frozen=True, slots=True)
class RecordRule:
    """A condition that narrows which records a grant reaches, for the verbs it names."""

    name: str
    when: Checked
    verbs: tuple[str, ...]
    layer: str = ""


@dataclass(frozen=True, slots=True)
class Grant:
    """What one role may do with one entity (`*` for every entity without a grant of its own).

    `verbs` maps create, read, update, delete, export, import, ... to a reach. `hidden` fields cannot be
    read (nor written), `locked` ones cannot be written.
    """

    entity: str
    verbs: Mapping[str, Reach]
    hidden: frozenset[str] = frozenset()
    locked: frozenset[str] = frozenset()
    record_rules: tuple[RecordRule, ...] = ()


@dataclass(frozen=True, slots=True)
class Role:
    """A named set of grants. `manages` names parts of the product it administers (`metadata`, `users`)."""

    name: str
    title: str
    grants: Mapping[str, Grant]
    manages: frozenset[str] = frozenset()
    description: str = ""
    layer: str = ""


@dataclass(frozen=True, slots=True)
class FormTab:
    """A tab of a form."""

    name: str
    title: str
    order: float = 0
    visible_when: Checked | None = None
    layer: str = ""


@dataclass(frozen=True, slots=True)
class FormSection:
    """A group of items with a heading; `tab` is None on a form without tabs."""

    name: str
    title: str
    tab: str | None = None
    columns: int = 2
    order: float = 0
    description: str = ""
    collapsed: bool = False
    visible_when: Checked | None = None
    layer: str = ""


@dataclass(frozen=True, slots=True)
class RoleChange:
    """What is different about an item for holders of one role; None leaves it as it is."""

    role: str
    hidden: bool | None = None
    read_only: bool | None = None
    required: bool | None = None


@dataclass(frozen=True, slots=True)
class FormItem:
    """One field on a form. `title` and `description` are None where the field's own are shown.

    `columns` are those of a line grid, empty for all.
    """

    name: str
    section: str
    order: float = 0
    width: int = 1
    title: str | None = None
    description: str | None = None
    placeholder: str = ""
    hidden: bool = False
    required: bool = False
    read_only: bool = False
    widget: str | None = None
    columns: tuple[str, ...] = ()
    visible_when: Checked | None = None
    required_when: Checked | None = None
    read_only_when: Checked | None = None
    roles: tuple[RoleChange, ...] = ()
    layer: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """How a record is edited; tabs, sections and items are in effective order. No `roles`: for everyone."""

    name: str
    entity: str
    title: str
    tabs: tuple[FormTab, ...]
    sections: tuple[FormSection, ...]
    items: tuple[FormItem, ...]
    roles: frozenset[str] = frozenset()
    default: bool = False
    layer: str = ""


@dataclass(frozen=True, slots=True)
class ViewColumn:
    """A column of a list; `path` leads over links to a field. `title` is None for the field's own."""

    name: str
    path: tuple[str, ...]
    title: str | None = None
    order: float = 0
    width: int | None = None
    hidden: bool = False
    roles: frozenset[str] = frozenset()
    layer: str = ""


@dataclass(frozen=True, slots=True)
class ViewGroup:
    """What is special about one column of a board: `name` is the field's value, `order` None for the option's."""

    name: str
    order: float | None = None
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class ViewSum:
    """A figure over each column of a board."""

    name: str
    fn: str = "sum"
    order: float = 0


@dataclass(frozen=True, slots=True)
class View:
    """How records of an entity are listed. `sort` holds (path, descending); empty `roles`: for everyone.

    `kind` is list, kanban (with `group_by`, `groups`, `sums`), calendar (`start`, `end`, `color`, `span`) or tree
    (`parent`).
    """

    name: str
    entity: str
    title: str
    columns: tuple[ViewColumn, ...]
    filter: Checked | None = None
    sort: tuple[tuple[str, bool], ...] = ()
    kind: str = "list"
    page_size: int = 50
    order: float = 0
    description: str = ""
    roles: frozenset[str] = frozenset()
    default: bool = False
    layer: str = ""
    group_by: str | None = None
    groups: tuple[ViewGroup, ...] = ()
    sums: tuple[ViewSum, ...] = ()
    start: str | None = None
    end: str | None = None
    color: str | None = None
    span: str = "month"
    parent: str | None = None

    @property
    def structure(self) -> tuple[str, ...]:
        """The fields without which the view makes no sense: who may not read them does not have the view."""
        read = {path[0] for path in self.filter.deps} if self.filter else set()
        read |= {path.partition(".")[0] for path, _ in self.sort}
        return tuple(name for name in (self.group_by, self.start, self.parent, *sorted(read)) if name)


@dataclass(frozen=True, slots=True)
class MenuItem:
    """An entry of the navigation: a list of records. `title` and `icon` are None for the entity's own."""

    name: str
    entity: str
    view: str | None = None
    title: str | None = None
    icon: str | None = None
    order: float = 0
    hidden: bool = False
    roles: frozenset[str] = frozenset()
    layer: str = ""


@dataclass(frozen=True, slots=True)
class Menu:
    """A group of entries of the navigation, in effective order. Empty `roles`: for everyone."""

    name: str
    title: str
    items: tuple[MenuItem, ...]
    icon: str | None = None
    order: float = 0
    roles: frozenset[str] = frozenset()
    layer: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """An effective document: its merged body and the layer that each place came from.

    `provenance` names the layer of the JSON pointer "" and of every place whose layer differs from that of
    the place around it: `layers.layer_of(document, pointer)` reads it.
    `hash` is that of what every layer said.
    """

    folder: str
    name: str
    body: Mapping[str, Any]
    provenance: Mapping[str, str]
    hash: str = ""


@dataclass(frozen=True, slots=True)
class Model:
    """Everything one tenant's revision defines, compiled.

    `entities` includes line entities. `documents` maps (folder, name) to the effective document, for
    Studio, forms, views, menus and for export. `translations` maps locale -> key -> text.
    """

    hash: str
    entities: Mapping[str, Entity]
    roles: Mapping[str, Role]
    documents: Mapping[tuple[str, str], Document]
    translations: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    forms: Mapping[str, Form] = field(default_factory=dict)
    views: Mapping[str, View] = field(default_factory=dict)
    menus: Mapping[str, Menu] = field(default_factory=dict)
    conversions: Mapping[str, tuple[Conversion, ...]] = field(default_factory=dict)
    """By entity, in the order in which they are offered."""
    workflows: Mapping[str, Workflow] = field(default_factory=dict)
    tables: Mapping[str, DecisionTable] = field(default_factory=dict)
    automations: Mapping[str, Automation] = field(default_factory=dict)
    templates: Mapping[str, MessageTemplate] = field(default_factory=dict)

    def folder(self, folder: str) -> Mapping[str, Document]:
        """The documents of one folder by name, in name order."""
        return {name: doc for (kind, name), doc in sorted(self.documents.items()) if kind == folder}
