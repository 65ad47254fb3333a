"""Company settings: who may change them, to what, and what is noted."""

import base64
from collections.abc import Iterator
from typing import Any

import pytest
from identity_world import World
from identity_world import world as open_world

from fieldstone.engine.context import Context
from fieldstone.engine.identity import entries
from fieldstone.engine.permissions import Denied
from fieldstone.engine.tenants.logo import BadLogo, drop_logo, picture_type, read_logo, set_logo
from fieldstone.engine.tenants.progress import set_up
from fieldstone.engine.tenants.settings import BadSettings, store_company, update_company

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)  # one pixel


@pytest.fixture(scope="module")
def world(postgres_url: str) -> Iterator[World]:
    with open_world(postgres_url, "settings") as made:
        made.add_user("nia", ["clerk"])
        yield made


def fresh(world: World, username: str = "admin") -> Context:
    return world.as_user(username)


def test_settings_reach_the_next_context_and_the_log(world: World) -> None:
    update_company(
        world.engine, fresh(world), {"name": "Harbour Works", "currency": "JPY", "languages": ["ja", "en"]}
    )
    company = fresh(world).company
    assert (company.name, company.currency, company.languages) == ("Harbour Works", "JPY", ("ja", "en"))
    entry = world.engine.read(fresh(world), lambda tx: entries(tx, event="company.changed"))[0]
    assert entry.actor == fresh(world).actor.id
    assert entry.data["currency"]["new"] == "JPY"


def test_what_others_keep_in_the_settings_stays(world: World) -> None:
    store_company(world.engine, fresh(world), {"tax_rounding": "line"})
    update_company(world.engine, fresh(world), {"fiscal_year_start": 4})
    company = fresh(world).company
    assert company.settings["tax_rounding"] == "line"
    assert company.fiscal_year_start == 4


@pytest.mark.parametrize(
    ("key", "value"),
    [("name", ""), ("name", "a\nb"), ("name", "x" * 121), ("currency", "EURO"), ("currency", "DEM"), ("currency", None),
     ("time_zone", "Mars/Olympus"), ("time_zone", "../etc"), ("languages", []), ("languages", ["fr"]),
     ("languages", ["en", "en"]), ("fiscal_year_start", 0), ("fiscal_year_start", 13), ("fiscal_year_start", True),
     ("curency", "EUR")],
)  # fmt: skip
def test_settings_that_cannot_be_are_refused_as_a_whole(world: World, key: str, value: Any) -> None:
    before = fresh(world).company
    with pytest.raises(BadSettings) as raised:
        update_company(world.engine, fresh(world), {"fiscal_year_start": 9, key: value})
    assert raised.value.problems[0].path == f"/{key}"
    assert fresh(world).company == before


def test_only_who_manages_the_company_may(world: World) -> None:
    clerk = fresh(world, "nia")
    for act in (
        lambda: update_company(world.engine, clerk, {"name": "Mine"}),
        lambda: set_logo(world.engine, clerk, "a.png", PNG),
        lambda: drop_logo(world.engine, clerk),
    ):
        with pytest.raises(Denied):
            act()


def test_the_logo_is_a_picture_that_everybody_sees(world: World) -> None:
    set_logo(world.engine, fresh(world), "logo.png", PNG)
    shown = read_logo(world.engine, fresh(world, "nia"))
    assert (shown.type, shown.content) == ("image/png", PNG)
    drop_logo(world.engine, fresh(world))
    assert not fresh(world).company.settings["logo"]


@pytest.mark.parametrize(
    "content", [b"<svg onload='x()'/>", b"", b"GIF", b"%PDF-1.7", PNG + bytes(1_000_001)]
)
def test_anything_else_is_no_logo(world: World, content: bytes) -> None:
    with pytest.raises(BadLogo):
        set_logo(world.engine, fresh(world), "logo.png", content)


def test_pictures_are_known_by_their_content() -> None:
    assert picture_type(b"\xff\xd8\xff\xe0") == "image/jpeg"
    assert picture_type(b"RIFF\0\0\0\0WEBPVP8 ") == "image/webp"


def test_progress_counts_what_is_there(world: World) -> None:
    found = world.engine.read(fresh(world), set_up)
    assert found.people > 1
    assert (found.demo, found.imported) == (0, False)
