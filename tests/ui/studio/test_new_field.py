"""A new field from a form page: named, planned in one sentence, published, and everywhere at once."""

import re
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from ui_world import World, make_world, token_of

from fieldstone.engine.records import create
from fieldstone.metadata.presentation import form_for
from fieldstone.ui.studio.names import option_const, property_name, slug


@pytest.fixture(scope="module")
def library(postgres_url: str) -> Iterator[World]:
    """A tenant of its own, because these tests publish."""
    made = make_world(postgres_url, "ui-studio")
    yield made
    made.close()


@pytest.fixture
def admin(library: World) -> FlaskClient:
    client = library.app.test_client()
    answer = client.post(f"{library.base}/sign-in", data={"username": "admin", "password": library.password})
    assert answer.status_code == 303
    return client


def post(client: FlaskClient, world: World, path: str, data: dict[str, str]) -> "object":
    token = token_of(client.get(f"{world.base}/").text)
    headers = {"X-CSRF-Token": token, "HX-Request": "true"}
    return client.post(f"{world.base}/studio/{path}", data=data, headers=headers)


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("Shoe size (EU)", "shoe_size_eu"),
        ("鞋码", "鞋码"),
        ("靴のサイズ", "靴のサイズ"),
        ("  Größe ", "größe"),
        ("2nd name", "f_2nd_name"),
        ("!!!", "field"),
        ("Title", "title_2"),
        ("Version", "version_2"),
        ("a`b/c~d", "a_b_c_d"),
        ("x" * 100, "x" * 40),
    ],
)
def test_a_label_gives_a_name_that_is_free_and_allowed(label: str, name: str) -> None:
    assert property_name(label, {"title": None}) == name


def test_options_get_constants_of_their_own() -> None:
    assert option_const("Red!", ["red"]) == "red_2"
    assert slug("赤") == "赤"


def hidden(html: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', html)
    assert found, html
    return found[1]


def add(client: FlaskClient, world: World, entity: str, **data: str) -> tuple[str, "object"]:
    shown = post(client, world, f"field/{entity}/plan", data).text  # type: ignore[attr-defined]
    sealed = {"base": hidden(shown, "base"), "plan": hidden(shown, "plan")}
    return shown, post(client, world, f"field/{entity}/save", {**data, **sealed})


def current(world: World):  # type: ignore[no-untyped-def]
    engine = world.services.engine
    return engine.read(world.system(), lambda tx: tx.model)


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("text", {}), ("multiline", {}), ("integer", {}), ("decimal", {}), ("money", {}), ("percent", {}), ("date", {}),
        ("datetime", {}), ("boolean", {}), ("select", {"options": "Red\nBlue"}), ("multi_select", {"options": "A\nB"}),
        ("link", {"target": "author"}), ("user", {}), ("email", {}), ("phone", {}), ("url", {}), ("tags", {}), ("file", {}),
        ("image", {}), ("files", {}), ("signature", {}), ("region", {}), ("multi_link", {"target": "book"}),
        ("address", {}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_every_type_of_the_dialog_can_be_published_and_undone(
    library: World, admin: FlaskClient, kind: str, more: dict[str, str]
) -> None:
    label = f"New {kind}"
    shown, answer = add(admin, library, "author", label=label, type=kind, **more)
    assert f"Adds the field “{label}” to Authors; nothing existing changes." in shown
    assert answer.headers["HX-Refresh"] == "true", answer.text
    model = current(library)
    name = slug(label)
    assert model.entities["author"].fields[name].type == kind
    layout = form_for(model, "author", {"administrator"})
    assert name in [item.name for item in layout.items]
    revision = str(library.system().revision)
    undone = post(admin, library, "undo", {"revision": revision})
    assert undone.headers["HX-Refresh"] == "true", undone.text
    assert name not in current(library).entities["author"].fields
    late = post(admin, library, "undo", {"revision": revision})
    assert late.status_code == 412


def test_a_form_of_a_package_gets_the_field_where_it_was_wished(library: World, admin: FlaskClient) -> None:
    _, answer = add(admin, library, "book", label="Shelf mark", type="text", form="book", section="inside")
    assert answer.status_code == 200, answer.text
    item = next(item for item in current(library).forms["book"].items if item.name == "shelf_mark")
    assert (item.section, item.layer) == ("inside", "tenant")


def test_a_required_field_says_how_many_records_lack_it(library: World, admin: FlaskClient) -> None:
    engine = library.services.engine
    for name in ("Ada", "Lu"):
        engine.write(library.system(), lambda tx, name=name: create(tx, "author", {"name": name}))
    shown = post(admin, library, "field/author/plan", {"label": "Agent", "type": "text", "required": "1"})
    assert "3 existing records do not fit yet" in shown.text


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({"label": "", "type": "text"}, "Write a label"),
        ({"label": "X", "type": "select"}, "Write the options"),
        ({"label": "X", "type": "link", "target": "nosuch"}, "Choose what the field links to"),
        ({"label": "X", "type": "nosuch"}, "Choose a type"),
    ],
    ids=["no label", "no options", "no target", "no type"],
)
def test_what_is_missing_is_said_and_cannot_be_published(
    library: World, admin: FlaskClient, data: dict[str, str], told: str
) -> None:
    shown = post(admin, library, "field/author/plan", data).text
    assert told in shown
    assert "disabled" in shown
    before = library.system().revision
    post(admin, library, "field/author/save", {**data, "base": str(before), "plan": "x"})
    assert library.system().revision == before


def test_a_field_that_was_planned_before_another_publish_is_stale(library: World, admin: FlaskClient) -> None:
    shown = post(admin, library, "field/author/plan", {"label": "One", "type": "text"}).text
    sealed = {"base": hidden(shown, "base"), "plan": hidden(shown, "plan")}
    add(admin, library, "author", label="Two", type="text")
    late = post(admin, library, "field/author/save", {"label": "One", "type": "text", **sealed})
    assert late.status_code == 412
    assert "one" not in current(library).entities["author"].fields


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "field/author"), ("POST", "field/author/plan"), ("POST", "field/author/save"), ("POST", "undo")],
)
def test_for_others_there_is_no_such_page(world: World, reader: FlaskClient, method: str, path: str) -> None:
    if method == "GET":
        assert reader.get(f"{world.base}/studio/{path}").status_code == 404
    else:
        assert post(reader, world, path, {"label": "x", "revision": "2"}).status_code == 404
