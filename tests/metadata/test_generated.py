"""What is made for entities that lack it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from fieldstone.metadata.compile import Compiled, compile_model
from fieldstone.metadata.documents import read_package
from fieldstone.metadata.generated import view_name

PACKAGES = Path(__file__).parents[1] / "packages"
Compile = Callable[..., Compiled]
ENTITY = {
    "required": ["code"],
    "properties": {
        "notes": {"type": "string", "maxLength": 2000},
        "code": {"type": "string"},
        "status": {"enum": ["new", "old"]},
        "parts": {"field": "lines", "title": "Parts", "properties": {"name": {"type": "string"}}},
        "day": {"type": "string", "format": "date"},
        "a": {"type": "string"}, "b": {"type": "string"}, "c": {"type": "string"}, "d": {"type": "string"},
        "name": {"type": "string"},
        "extra": {"type": "object"},
        "place": {"field": "address"},
    },
}  # fmt: skip


def test_a_package_of_entities_gets_form_list_menu_and_role() -> None:
    model = compile_model([read_package(PACKAGES / "plain")]).model
    assert model is not None
    assert model.forms["asset"].layer == "generated"
    assert model.views["asset_list"].entity == "asset"
    assert [item.entity for item in model.menus["plain"].items] == ["asset"]
    assert model.roles["plain_user"].grants["asset"].verbs["create"] == "all"


def test_a_generated_form_has_the_title_first_long_texts_below_and_lines_apart(compiled: Compile) -> None:
    model = compiled({"entities/thing": ENTITY}).model
    assert model is not None
    form = model.forms["thing"]
    assert [section.title for section in form.sections] == ["Basics", "More", "Parts"]
    by_section: dict[str, list[str]] = {}
    for item in form.items:
        by_section.setdefault(item.section, []).append(item.name)
    assert by_section == {
        "basic": ["name", "code", "status", "day", "a", "b", "c", "d", "place"],
        "more": ["notes", "extra"],
        "lines_3": ["parts"],
    }


def test_a_generated_list_has_the_title_and_telling_columns(compiled: Compile) -> None:
    model = compiled({"entities/thing": ENTITY}).model
    assert model is not None
    assert [column.name for column in model.views["thing_list"].columns] == [
        "name",
        "code",
        "status",
        "day",
        "a",
        "b",
        "c",
    ]
    assert model.views["thing_list"].sort == (("created_at", True),)


def test_nothing_is_generated_beside_what_a_package_has() -> None:
    model = compile_model([read_package(PACKAGES / "library")]).model
    assert model is not None
    assert {name for name, form in model.forms.items() if form.layer == "generated"} == {"author", "loan"}
    assert {name for name, view in model.views.items() if view.layer == "generated"} == {
        "author_list",
        "loan_list",
    }
    assert all(menu.layer != "generated" for menu in model.menus.values())
    assert all(role.layer != "generated" for role in model.roles.values())


def test_a_field_that_a_tenant_adds_is_on_the_generated_form() -> None:
    patch = {"entities/asset": {"properties": {"price": {"field": "money"}}}}
    model = compile_model([read_package(PACKAGES / "plain")], patch).model
    assert model is not None
    assert "price" in [item.name for item in model.forms["asset"].items]


def test_an_entity_that_a_tenant_adds_gets_a_menu_entry_until_the_tenant_places_it() -> None:
    tenant: dict[str, Any] = {"entities/shelf": {"properties": {"label": {"type": "string"}}}}
    model = compile_model([read_package(PACKAGES / "library")], tenant).model
    assert model is not None
    assert [item.entity for item in model.menus["more"].items] == ["shelf"]
    placed = {**tenant, "menus/library": {"items": [{"name": "shelves", "entity": "shelf"}]}}
    model = compile_model([read_package(PACKAGES / "library")], placed).model
    assert model is not None
    assert "more" not in model.menus


def test_a_tenant_changes_a_generated_form_in_place() -> None:
    tenant = {"forms/author": {"items": [{"name": "born", "hidden": True}]}}
    model = compile_model([read_package(PACKAGES / "library")], tenant).model
    assert model is not None
    born = next(item for item in model.forms["author"].items if item.name == "born")
    assert born.hidden
    assert model.forms["author"].layer == "generated"


def test_names_of_generated_lists_stay_legal() -> None:
    assert view_name("a" * 35) == "a" * 35 + "_list"
    assert view_name("a" * 36) == "a" * 36
