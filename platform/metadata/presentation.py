"""What the screens of one reader show: the form, the lists and the menus that the reader's roles lead to.

Only choice and order are decided here. Whether a field may be read or written is for the engine's gate; a
form cannot give what a role does not.

Of several forms or lists, one that names a role of the reader comes before one for everyone, then one marked
`default`, then what a package or tenant wrote before what was generated.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from fieldstone.expressions import Checked
from fieldstone.metadata.approval_flows import Step, Way, Workflow
from fieldstone.metadata.automation_rules import Automation
from fieldstone.metadata.conversion_maps import Conversion, Creation
from fieldstone.metadata.definitions import (
    Entity,
    Field,
    Form,
    FormItem,
    FormSection,
    Menu,
    MenuItem,
    Model,
    View,
)
from fieldstone.metadata.state_machines import Transition


@dataclass(frozen=True, slots=True)
class SectionLayout:
    """A section and its items in effective order, as one reader sees them."""

    section: FormSection
    items: tuple[FormItem, ...]


@dataclass(frozen=True, slots=True)
class TabLayout:
    """A tab and its sections; on a form without tabs there is one, with name None."""

    name: str | None
    title: str
    visible_when: Checked | None
    sections: tuple[SectionLayout, ...]


@dataclass(frozen=True, slots=True)
class FormLayout:
    """A form as one reader sees it: what is hidden for the reader's roles is gone, empty sections too."""

    form: Form
    tabs: tuple[TabLayout, ...]

    @property
    def items(self) -> tuple[FormItem, ...]:
        return tuple(item for tab in self.tabs for section in tab.sections for item in section.items)


def forms_of(model: Model, entity: str, roles: Collection[str]) -> tuple[Form, ...]:
    """The forms of an entity that a reader may use, the one to take first."""
    found = [form for form in model.forms.values() if form.entity == entity and _allowed(form.roles, roles)]
    return tuple(sorted(found, key=_precedence))


def form_for(model: Model, entity: str, roles: Collection[str], name: str | None = None) -> FormLayout | None:
    """The layout of the named form, or of the first; None when the reader has no such form."""
    forms = forms_of(model, entity, roles)
    form = next((form for form in forms if name is None or form.name == name), None)
    return None if form is None else layout(model, form, roles)


def layout(model: Model, form: Form, roles: Collection[str]) -> FormLayout:
    """A form as holders of some roles see it."""
    fields = model.entities[form.entity].fields
    shown = [item for item in (_for_roles(item, fields.get(item.name), roles) for item in form.items) if item]
    sections: dict[str | None, list[SectionLayout]] = {}
    for section in form.sections:
        items = tuple(item for item in shown if item.section == section.name)
        if items:
            sections.setdefault(section.tab, []).append(SectionLayout(section, items))
    if not form.tabs:
        return FormLayout(form, (TabLayout(None, form.title, None, tuple(sections.get(None, ()))),))
    tabs = (
        TabLayout(tab.name, tab.title, tab.visible_when, tuple(sections[tab.name]))
        for tab in form.tabs
        if tab.name in sections
    )
    return FormLayout(form, tuple(tabs))


def _for_roles(item: FormItem, field: Field | None, roles: Collection[str]) -> FormItem | None:
    """The item as holders of the roles see it, with what the field itself demands; None when it is hidden."""
    change = next((change for change in item.roles if change.role in roles), None)
    hidden, read_only, required = item.hidden, item.read_only, item.required
    if change is not None:
        hidden = hidden if change.hidden is None else change.hidden
        read_only = read_only if change.read_only is None else change.read_only
        required = required if change.required is None else change.required
    if hidden:
        return None
    fixed = field is None or field.read_only or field.computed
    return replace(
        item,
        roles=(),
        read_only=read_only or fixed,
        required=not fixed and (required or (field is not None and field.required)),
    )


def list_views(model: Model, entity: str, roles: Collection[str]) -> tuple[View, ...]:
    """The views of an entity, of every kind, that a reader's roles have, the one to take first.

    Whether the reader may see the fields that a board, calendar or tree stands on is for the engine's gate.
    """
    found = [view for view in model.views.values() if view.entity == entity and _allowed(view.roles, roles)]
    return tuple(_for_reader(view, roles) for view in sorted(found, key=_precedence))


def list_view(model: Model, entity: str, roles: Collection[str], name: str | None = None) -> View | None:
    """The named view, or the first table; None when the reader has no such view."""
    views = list_views(model, entity, roles)
    if name is None:
        return next((view for view in views if view.kind == "list"), None)
    return next((view for view in views if view.name == name), None)


def _for_reader(view: View, roles: Collection[str]) -> View:
    columns = tuple(column for column in view.columns if _allowed(column.roles, roles))
    return view if len(columns) == len(view.columns) else replace(view, columns=columns)


def menus_for(model: Model, roles: Collection[str]) -> tuple[Menu, ...]:
    """The menus in effective order, with the entries that a reader may open; empty menus are left out."""
    result = []
    for menu in sorted(model.menus.values(), key=lambda menu: (menu.order, menu.name)):
        if not _allowed(menu.roles, roles):
            continue
        items = tuple(item for item in menu.items if _opens(model, item, roles))
        if items:
            result.append(replace(menu, items=items))
    return tuple(result)


def _opens(model: Model, item: MenuItem, roles: Collection[str]) -> bool:
    if item.hidden or not _allowed(item.roles, roles) or not may(model, roles, item.entity, "read"):
        return False
    view = model.views.get(item.view) if item.view else None
    return view is None or _allowed(view.roles, roles)


def may(model: Model, roles: Collection[str], entity: str, verb: str) -> bool:
    """Whether some role reaches any record of an entity by a verb; which ones, the engine decides."""
    for name in roles:
        role = model.roles.get(name)
        grant = (role.grants.get(entity) or role.grants.get("*")) if role else None
        if grant is not None and grant.verbs.get(verb, "none") != "none":
            return True
    return False


def _allowed(named: Collection[str], roles: Collection[str]) -> bool:
    return not named or any(role in named for role in roles)


def _precedence(definition: Form | View) -> tuple[bool, bool, bool, float, str]:
    order = definition.order if isinstance(definition, View) else 0.0
    generated = definition.layer == "generated"
    return (not definition.roles, not definition.default, generated, order, definition.name)


_ALIASES: Mapping[str, str] = {
    "zh": "zh-Hans", "zh-CN": "zh-Hans", "zh-SG": "zh-Hans",
    "zh-TW": "zh-Hant", "zh-HK": "zh-Hant", "zh-MO": "zh-Hant",
}  # fmt: skip


@lru_cache(maxsize=256)
def locale_chain(locale: str) -> tuple[str, ...]:
    """Where texts are looked for: the locale, its shorter forms, English; never the other Chinese script."""
    chain: list[str] = []
    tag = locale
    while tag:
        chain.append(tag)
        if tag in _ALIASES:
            chain.append(_ALIASES[tag])
            break
        if tag in ("zh-Hans", "zh-Hant"):
            break
        tag = tag.rpartition("-")[0]
    return tuple(dict.fromkeys((*chain, "en")))


def label(model: Model, locale: str, key: str, default: str) -> str:
    """The text of a key in a locale, or in the next one that has it, or `default`: what the document says."""
    for tag in locale_chain(locale):
        text = model.translations.get(tag, {}).get(key)
        if text:
            return text
    return default


@dataclass(frozen=True, slots=True)
class Labels:
    """The texts of a model in one locale, as people read them."""

    model: Model
    locale: str

    def text(self, key: str, default: str) -> str:
        return label(self.model, self.locale, key, default)

    def entity(self, entity: Entity) -> str:
        if entity.parent is not None:
            owner = self.model.entities[entity.parent[0]]
            return self.field(owner, owner.fields[entity.parent[1]])
        return self.text(f"entity.{entity.name}", entity.title)

    def plural(self, entity: Entity) -> str:
        return self.text(f"entity.{entity.name}.plural", entity.plural)

    def entity_help(self, entity: Entity) -> str:
        return self.text(f"help.{entity.name}", entity.description)

    def field(self, entity: Entity, field: Field) -> str:
        system = self.text(f"system.{field.name}", field.title)
        return self.text(f"field.{entity.name}.{field.name}", system)

    def system(self, name: str) -> str:
        """The title of a system field."""
        return self.text(f"system.{name}", name.removesuffix("_id").replace("_", " ").capitalize())

    def help(self, entity: Entity, field: Field) -> str:
        return self.text(f"help.{entity.name}.{field.name}", field.description)

    def option(self, entity: Entity, field: Field, const: str) -> str:
        """The title of a value; a related field's is that of the field it leads to."""
        origin, source = origin_of(self.model, entity, field)
        title = next((option.title for option in source.options if option.const == const), const)
        return self.text(f"option.{origin.name}.{source.name}.{const}", title)

    def rule(self, entity: Entity, name: str, message: str) -> str:
        return self.text(f"rule.{entity.name}.{name}", message)

    def conversion(self, conversion: Conversion) -> str:
        return self.text(f"conversion.{conversion.entity}.{conversion.name}", conversion.title)

    def creation(self, conversion: Conversion, creation: Creation) -> str:
        """What a record that a conversion makes is called: its own title, else its entity's."""
        key = f"conversion.{conversion.entity}.{conversion.name}.{creation.name}"
        return self.text(key, creation.title or self.entity(self.model.entities[creation.entity]))

    def duplicate(self, entity: Entity, name: str, title: str) -> str:
        """The title of a rule about duplicates."""
        return self.text(f"duplicate.{entity.name}.{name}", title)

    def transition(self, entity: Entity, field: Field, transition: Transition) -> str:
        return self.text(f"transition.{entity.name}.{field.name}.{transition.name}", transition.title)

    def workflow(self, workflow: Workflow) -> str:
        return self.text(f"workflow.{workflow.name}", workflow.title)

    def workflow_help(self, workflow: Workflow) -> str:
        return self.text(f"help.workflow.{workflow.name}", workflow.description)

    def step(self, workflow: Workflow, step: Step) -> str:
        return self.text(f"workflow.{workflow.name}.step.{step.name}", step.title)

    def step_help(self, workflow: Workflow, step: Step) -> str:
        return self.text(f"help.workflow.{workflow.name}.step.{step.name}", step.description)

    def way(self, workflow: Workflow, way: Way) -> str:
        return self.text(f"workflow.{workflow.name}.way.{way.name}", way.title)

    def automation(self, automation: Automation) -> str:
        return self.text(f"automation.{automation.name}", automation.title)

    def automation_help(self, automation: Automation) -> str:
        return self.text(f"help.automation.{automation.name}", automation.description)

    def form(self, form: Form) -> str:
        own = self._body("forms", form.name).get("title")
        return self.text(f"form.{form.name}", own or self.entity(self.model.entities[form.entity]))

    def tab(self, form: Form, tab: TabLayout) -> str:
        return self.text(f"form.{form.name}.tab.{tab.name}", tab.title) if tab.name else self.form(form)

    def section(self, form: Form, section: FormSection) -> str:
        default = section.title
        if section.layer == "generated":
            inside = [item.name for item in form.items if item.section == section.name]
            field = self.model.entities[form.entity].fields.get(inside[0]) if len(inside) == 1 else None
            if field is not None and field.lines:
                default = self.field(self.model.entities[form.entity], field)
            else:
                default = self.text(f"generated.section.{section.name}", default)
        return self.text(f"form.{form.name}.section.{section.name}", default)

    def item(self, form: Form, item: FormItem) -> str:
        entity = self.model.entities[form.entity]
        field = entity.fields.get(item.name)
        default = item.title or (self.field(entity, field) if field else self.system(item.name))
        return self.text(f"form.{form.name}.item.{item.name}", default)

    def item_help(self, form: Form, item: FormItem) -> str:
        entity = self.model.entities[form.entity]
        field = entity.fields.get(item.name)
        default = item.description or (self.help(entity, field) if field else "")
        return self.text(f"help.form.{form.name}.item.{item.name}", default)

    def view(self, view: View) -> str:
        own = self._body("views", view.name).get("title")
        return self.text(f"view.{view.name}", own or self.plural(self.model.entities[view.entity]))

    def column(self, view: View, name: str, path: tuple[str, ...]) -> str:
        """The heading of a column: its own, else the titles along its path."""
        own = next((column.title for column in view.columns if column.name == name), None)
        return self.text(f"view.{view.name}.column.{name}", own or self.path(view.entity, path))

    def path(self, entity: str, path: tuple[str, ...]) -> str:
        """The title of the field that a path leads to, after those of the links on the way."""
        words, at = [], self.model.entities.get(entity)
        for name in path:
            field = at.fields.get(name) if at else None
            words.append(self.field(at, field) if at and field else self.system(name))
            target = (
                field.target
                if field
                else "user"
                if name in ("created_by", "updated_by", "owner_id")
                else None
            )
            at = self.model.entities.get(target) if target else None
        return " / ".join(words)

    def menu(self, menu: Menu) -> str:
        default = self.text("generated.menu.more", menu.title) if menu.name == "more" else menu.title
        return self.text(f"menu.{menu.name}", default)

    def menu_item(self, menu: Menu, item: MenuItem) -> str:
        default = item.title
        if not default and item.view is not None and item.view in self.model.views:
            default = self.view(self.model.views[item.view])
        return self.text(
            f"menu.{menu.name}.{item.name}", default or self.plural(self.model.entities[item.entity])
        )

    def role(self, name: str) -> str:
        role = self.model.roles.get(name)
        return self.text(f"role.{name}", role.title if role else name)

    def role_help(self, name: str) -> str:
        role = self.model.roles.get(name)
        return self.text(f"help.role.{name}", role.description if role else "")

    def _body(self, folder: str, name: str) -> Mapping[str, Any]:
        document = self.model.documents.get((folder, name))
        return document.body if document else {}


def origin_of(model: Model, entity: Entity, field: Field) -> tuple[Entity, Field]:
    """For a related field, the entity and field at the end of its path; else the field itself."""
    seen = 0
    while field.related and seen < 10:
        at = entity
        for name in field.related[:-1]:
            step = at.fields.get(name)
            target = (
                step.target if step else "user" if name in ("created_by", "updated_by", "owner_id") else None
            )
            if target is None or target not in model.entities:
                return entity, field
            at = model.entities[target]
        last = at.fields.get(field.related[-1])
        if last is None:
            break
        entity, field, seen = at, last, seen + 1
    return entity, field
