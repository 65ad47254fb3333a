"""What things are called in the visitor's language: titles of entities, fields, options, views and menus.

A tenant's translations (documents) win over the title in the document itself; system fields are named by the
catalogue of the screens.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fieldstone.metadata.definitions import SYSTEM_FIELDS, Document, Entity, Field, Model
from fieldstone.ui.messages import Texts


@dataclass(frozen=True)
class Labels:
    """Names in one language for one tenant's model."""

    texts: Texts
    translated: Mapping[str, str]

    def entity(self, entity: Entity) -> str:
        return self.translated.get(f"entity.{entity.name}", entity.title)

    def plural(self, entity: Entity) -> str:
        return self.translated.get(f"entity.{entity.name}.plural", entity.plural)

    def field(self, entity: Entity, name: str) -> str:
        """The title of a field, of a system field, or of a path through links (`place.name`)."""
        found = self.translated.get(f"field.{_owner(entity)}.{name}")
        if found is not None:
            return found
        if name in entity.fields:
            return entity.fields[name].title
        return self.texts(f"system.{name}") if name in SYSTEM_FIELDS else name

    def help(self, entity: Entity, field: Field) -> str:
        return self.translated.get(f"help.{_owner(entity)}.{field.name}", field.description)

    def option(self, entity: Entity, field: Field, const: str) -> str:
        found = self.translated.get(f"option.{_owner(entity)}.{field.name}.{const}")
        if found is not None:
            return found
        return next((option.title for option in field.options if option.const == const), const)

    def view(self, view: Document, entity: Entity) -> str:
        return self.translated.get(f"view.{view.name}") or view.body.get("title") or self.plural(entity)

    def menu(self, menu: Document) -> str:
        return self.translated.get(f"menu.{menu.name}") or menu.body.get("title") or menu.name.replace("_", " ").capitalize()

    def menu_item(self, menu: Document, item: Mapping[str, Any], entity: Entity) -> str:
        return self.translated.get(f"menu.{menu.name}.{item['name']}") or item.get("title") or self.plural(entity)


def labels_for(model: Model, texts: Texts) -> Labels:
    return Labels(texts, model.translations.get(texts.locale, {}))


def _owner(entity: Entity) -> str:
    """How translations address an entity: the columns of lines stand below their parent's field."""
    return ".".join(entity.parent) if entity.parent else entity.name
