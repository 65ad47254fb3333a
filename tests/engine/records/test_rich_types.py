"""Files, pictures, several links, dependent choices, links to anything and snapshots, through the verbs."""

from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from PIL import Image
from record_world import Json, RecordWorld, package, record_world

from fieldstone.engine.files import UnknownFile, read_thumbnail, store_file
from fieldstone.problems import FieldstoneError

ALL = dict.fromkeys(("create", "read", "update", "delete", "assign"), "all")
OPEN = {"name": "open_only", "when": "!secret", "verbs": ["read"]}

KIND = {"enum": ["wood", "metal"]}
MATERIAL = {
    "field": "dependent_select",
    "dependsOn": "kind",
    "oneOf": [
        {"const": "oak", "title": "Oak", "when": ["wood"]},
        {"const": "steel", "title": "Steel", "when": ["metal"]},
        {"const": "any", "title": "Anything"},
    ],
}

DOCUMENTS: dict[str, Any] = {
    "entities/place": {
        "type": "object",
        "required": ["name"],
        "properties": {
            "name": {"type": "string"},
            "country": {"type": "string"},
            "secret": {"type": "boolean", "default": False},
        },
    },
    "entities/asset": {
        "type": "object",
        "required": ["label"],
        "properties": {
            "label": {"type": "string"},
            "photo": {"field": "image", "maxSize": 50_000},
            "papers": {"field": "files", "accept": ["text/*"]},
            "agreed": {"field": "signature"},
            "places": {
                "field": "multi_link",
                "target": "place",
                "attributes": {"share": {"type": "integer", "minimum": 0}, "note": {"type": "string"}},
            },
            "homes": {"field": "multi_link", "target": "place", "onDelete": "restrict"},
            "shares": {"field": "rollup", "rollup": {"of": "places", "fn": "sum", "value": "share"}},
            "abroad": {"field": "formula", "formula": "any(places, link.country != 'DE')"},
            "parts": {
                "field": "lines",
                "properties": {"name": {"type": "string"}, "plan": {"field": "file"}},
            },
        },
    },
    "entities/order": {
        "type": "object",
        "required": ["label"],
        "properties": {
            "label": {"type": "string"},
            "kind": KIND,
            "material": MATERIAL,
            "region": {"field": "region", "index": True},
            "about": {"field": "any_link", "targets": ["place", "asset"]},
            "home": {"field": "link", "target": "place"},
            "home_then": {"field": "snapshot", "of": "home", "fields": ["name", "country"]},
            "home_when_used": {
                "field": "snapshot",
                "of": "home",
                "fields": ["name"],
                "when": "kind == 'metal'",
            },
            "rows": {"field": "lines", "properties": {"kind": KIND, "material": MATERIAL}},
        },
    },
    "roles/clerk": {
        "entities": [
            {"name": "order", "verbs": ALL},
            {"name": "asset", "verbs": ALL},
            {"name": "place", "verbs": {"read": "all"}, "recordRules": [OPEN]},
        ]
    },
}


@pytest.fixture(scope="module")
def world(postgres_url: str) -> Iterator[RecordWorld]:
    with record_world(postgres_url, "rich-types", [package("rich", DOCUMENTS)]) as built:
        built.add_user("clerk", "clerk")
        built.add_user("other", "clerk")
        yield built


def codes(work: Callable[[], Any]) -> list[tuple[str, str]]:
    """Where and why something is refused."""
    with pytest.raises(FieldstoneError) as refused:
        work()
    return [(problem.path, problem.code) for problem in refused.value.problems]


def place(world: RecordWorld, name: str, **values: Any) -> str:
    return str(world.create("place", {"name": name, **values})["id"])


def ids(record: Json, field: str = "places") -> list[str]:
    return [str(row["id"]) for row in record[field]]


def stored(world: RecordWorld, name: str, kind: str, content: bytes, who: str | None = None) -> Json:
    return world.write(lambda tx: store_file(tx, name, kind, content), who)


def png(width: int = 900, height: int = 300) -> bytes:
    target = BytesIO()
    Image.new("RGB", (width, height), "teal").save(target, "PNG")
    return target.getvalue()


# Files


def test_a_picture_is_told_by_its_content_and_made_small(world: RecordWorld) -> None:
    photo = stored(world, "a.bin", "application/pdf", png())
    assert photo["type"] == "image/png"
    record = world.create("asset", {"label": "A", "photo": str(photo["id"])})
    assert record["photo"] == {key: photo[key] for key in ("id", "name", "size", "type")}
    small = world.look(lambda tx: read_thumbnail(tx, photo["id"]))
    with Image.open(BytesIO(small.content)) as drawn:
        assert (drawn.format, drawn.size) == ("WEBP", (480, 160))


def test_a_thumbnail_is_for_those_who_may_read_the_picture(world: RecordWorld) -> None:
    photo = stored(world, "a.png", "image/png", png(), "clerk")
    with pytest.raises(UnknownFile):
        world.look(lambda tx: read_thumbnail(tx, photo["id"]), "other")
    world.create("asset", {"label": "A", "photo": str(photo["id"])}, "clerk")
    assert world.look(lambda tx: read_thumbnail(tx, photo["id"]), "other").type == "image/webp"


@pytest.mark.parametrize(
    ("field", "name", "kind", "content", "code"),
    [
        ("photo", "a.png", "image/png", b"<svg onload=alert(1)>", "accept"),
        ("photo", "a.svg", "image/svg+xml", b"<svg/>", "accept"),
        ("photo", "a.png", "image/png", png()[:60], "accept"),
        ("agreed", "a.txt", "text/plain", b"me", "accept"),
        ("papers", "a.pdf", "application/pdf", b"%PDF", "accept"),
    ],
    ids=["svg called png", "svg", "broken png", "text as signature", "pdf among texts"],
)
def test_a_file_that_does_not_fit_is_refused(
    world: RecordWorld, field: str, name: str, kind: str, content: bytes, code: str
) -> None:
    file = str(stored(world, name, kind, content)["id"])
    body = {"label": "A", field: [file] if field == "papers" else file}
    path = "/papers/0" if field == "papers" else f"/{field}"
    assert codes(lambda: world.create("asset", body)) == [(path, code)]


def test_a_picture_may_be_too_large(world: RecordWorld) -> None:
    target = BytesIO()
    Image.effect_noise((400, 400), 90).save(target, "PNG")
    file = str(stored(world, "a.png", "image/png", target.getvalue())["id"])
    assert codes(lambda: world.create("asset", {"label": "A", "photo": file})) == [("/photo", "maxSize")]


def test_several_files_keep_their_order_and_are_read_by_who_reads_the_record(world: RecordWorld) -> None:
    one, two = (stored(world, f"{n}.txt", "text/plain", b"x", "clerk") for n in "ab")
    record = world.create(
        "asset", {"label": "A", "papers": [str(two["id"]), {"id": str(one["id"])}]}, "clerk"
    )
    assert [file["name"] for file in record["papers"]] == ["b.txt", "a.txt"]
    assert world.read("asset", record["id"])["papers"] == record["papers"]
    assert world.rows("asset", filter=f'id == "{record["id"]}"')[0]["papers"] == record["papers"]
    changed = world.update("asset", record["id"], {"papers": [str(one["id"])]}, "other")
    assert [file["name"] for file in changed["papers"]] == ["a.txt"]
    assert codes(lambda: world.create("asset", {"label": "B", "papers": [str(two["id"])]}, "other")) == [
        ("/papers/0", "file.unknown")
    ]
    assert world.update("asset", record["id"], {"papers": None})["papers"] in (None, [])


def test_a_file_of_a_line_is_checked_and_described(world: RecordWorld) -> None:
    mine = stored(world, "plan.txt", "text/plain", b"x", "clerk")
    body = {"label": "A", "parts": [{"name": "p", "plan": str(mine["id"])}]}
    assert codes(lambda: world.create("asset", body, "other")) == [("/parts/0/plan", "file.unknown")]
    record = world.create("asset", body, "clerk")
    assert record["parts"][0]["plan"]["name"] == "plan.txt"
    assert world.read("asset", record["id"], "other")["parts"] == record["parts"]
    line = {"id": str(record["parts"][0]["id"]), "name": "q", "plan": str(mine["id"])}
    assert (
        world.update("asset", record["id"], {"parts": [line]}, "other")["parts"][0]["plan"]["name"]
        == "plan.txt"
    )


# Several links


def test_links_carry_attributes_and_are_read_alike_everywhere(world: RecordWorld) -> None:
    here, there = place(world, "Here", country="DE"), place(world, "There", country="TW")
    body = {"label": "L", "places": [{"id": there, "share": 40}, {"id": here, "share": 60, "note": "main"}]}
    record = world.create("asset", body)
    assert [(str(row["id"]), row["share"], row["note"]) for row in record["places"]] == [
        (there, 40, None),
        (here, 60, "main"),
    ]
    assert set(record["places"][0]) == {"id", "share", "note"}
    assert (record["shares"], record["abroad"]) == (100, True)
    assert world.read("asset", record["id"])["places"] == record["places"]
    expanded = world.read("asset", record["id"], expand=["places"])["places"]
    assert [row["record"]["name"] for row in expanded] == ["There", "Here"]
    found = world.rows("asset", filter=f'any(places, link == "{here}") && label == "L"')
    assert [row["id"] for row in found] == [record["id"]]
    assert world.rows("asset", filter='any(places, link.country == "FR") && label == "L"') == []
    assert [row["id"] for row in world.rows("asset", filter='count(places) == 2 && label == "L"')] == [
        record["id"]
    ]


def test_a_patch_replaces_the_links_and_keeps_what_it_does_not_say(world: RecordWorld) -> None:
    one, two, three = (place(world, name) for name in ("1", "2", "3"))
    record = world.create(
        "asset", {"label": "L", "places": [{"id": one, "share": 1, "note": "n"}, {"id": two}]}
    )
    changed = world.update("asset", record["id"], {"places": [{"id": three}, {"id": one, "share": 5}]})
    assert [(str(r["id"]), r["share"], r["note"]) for r in changed["places"]] == [
        (three, None, None),
        (one, 5, "n"),
    ]
    last = world.history("asset", record["id"])[0]["changes"]["places"]
    assert [row["id"] for row in last["old"]] == [one, two]
    assert [row["id"] for row in last["new"]] == [three, one]
    assert world.update("asset", record["id"], {"places": None})["places"] == []


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ([{"id": "0190c6a0-8f5e-7cc3-98c5-1d2f3a4b5c6d"}], ("/places/0/id", "link.unknown")),
        ([{"share": 1}], ("/places/0/id", "required")),
        ([{"id": "here", "share": 1}], ("/places/0/id", "format")),
        ([{"id": None}], ("/places/0/id", "required")),
        ([{"id": "0190c6a0-8f5e-7cc3-98c5-1d2f3a4b5c6d", "share": -1}], ("/places/0/share", "minimum")),
    ],
    ids=["unknown", "no id", "no uuid", "null", "attribute"],
)
def test_links_that_do_not_fit_are_refused(world: RecordWorld, rows: list[Json], problem: Any) -> None:
    assert codes(lambda: world.create("asset", {"label": "L", "places": rows})) == [problem]


def test_hidden_linked_records_look_absent_and_are_not_lost(world: RecordWorld) -> None:
    seen, hidden = place(world, "Seen", country="DE"), place(world, "Hidden", country="XX", secret=True)
    record = world.create(
        "asset", {"label": "H", "places": [{"id": hidden, "share": 1}, {"id": seen, "share": 2}]}
    )
    assert ids(world.read("asset", record["id"], "clerk")) == [seen]
    assert ids(world.rows("asset", "clerk", filter=f'id == "{record["id"]}"')[0]) == [seen]
    only = f'id == "{record["id"]}" && '
    assert world.rows("asset", "clerk", filter=only + "count(places) == 2") == []
    assert world.rows("asset", "clerk", filter=only + f'any(places, link == "{hidden}")') == []
    assert len(world.rows("asset", "clerk", filter=only + "count(places) == 1")) == 1
    changed = world.update("asset", record["id"], {"places": [{"id": seen, "share": 9}]}, "clerk")
    assert ids(changed) == [seen]
    assert ids(world.read("asset", record["id"])) == [seen, hidden]
    assert changed["shares"] == 10
    assert codes(lambda: world.update("asset", record["id"], {"places": [{"id": hidden}]}, "clerk")) == [
        ("/places/0/id", "link.unknown")
    ]
    assert ids(world.update("asset", record["id"], {"places": []}, "clerk")) == []
    assert ids(world.read("asset", record["id"])) == [hidden]
    for entry in world.history("asset", record["id"], "clerk"):
        for rows in entry["changes"].get("places", {}).values():
            assert hidden not in [row["id"] for row in rows or ()]


def test_deleting_a_linked_record_takes_the_link_or_is_refused(world: RecordWorld) -> None:
    gone, kept = place(world, "Gone"), place(world, "Kept")
    record = world.create(
        "asset", {"label": "D", "places": [{"id": gone, "share": 5}, {"id": kept, "share": 1}]}
    )
    world.delete("place", gone)
    after = world.read("asset", record["id"])
    assert (ids(after), after["shares"]) == ([kept], 1)
    world.update("asset", record["id"], {"homes": [{"id": kept}]})
    assert codes(lambda: world.delete("place", kept)) == [("", "restrict")]
    world.delete("asset", record["id"])
    world.delete("place", kept)
    assert UUID(kept)


# Choices, regions, links to anything, snapshots


def test_a_choice_that_depends_on_another_field_must_go_with_it(world: RecordWorld) -> None:
    record = world.create("order", {"label": "O", "kind": "wood", "material": "oak"})
    assert codes(lambda: world.create("order", {"label": "O", "kind": "metal", "material": "oak"})) == [
        ("/material", "dependsOn")
    ]
    assert codes(lambda: world.create("order", {"label": "O", "material": "oak"})) == [
        ("/material", "dependsOn")
    ]
    assert codes(lambda: world.update("order", record["id"], {"kind": "metal"})) == [
        ("/material", "dependsOn")
    ]
    changed = world.update("order", record["id"], {"kind": "metal", "material": "steel"})
    assert (changed["kind"], changed["material"]) == ("metal", "steel")
    assert world.update("order", record["id"], {"material": "any"})["material"] == "any"
    body = {"label": "O", "rows": [{"kind": "wood", "material": "oak"}, {"kind": "metal", "material": "oak"}]}
    assert codes(lambda: world.create("order", body)) == [("/rows/1/material", "dependsOn")]


def test_regions_are_grouped_and_filtered_by_their_codes(world: RecordWorld) -> None:
    for code in ("TW-TPE", "TW-TPE", "DE-BY"):
        world.create("order", {"label": "region", "region": code})
    found = world.rows("order", filter='label == "region" && startsWith(region, "TW")')
    assert [row["region"] for row in found] == ["TW-TPE", "TW-TPE"]
    groups = world.aggregate("order", filter='label == "region"', group=["region"], measures=[("count",)])
    assert sorted((row["region"], row["count"]) for row in groups) == [("DE-BY", 1), ("TW-TPE", 2)]
    assert codes(lambda: world.create("order", {"label": "O", "region": "TW-XX"})) == [("/region", "region")]


def test_a_link_to_anything_is_checked_filtered_and_cleared(world: RecordWorld) -> None:
    target, secret = place(world, "Target"), place(world, "Secret", secret=True)
    about = {"entity": "place", "id": target}
    record = world.create("order", {"label": "any", "about": about})
    assert world.read("order", record["id"])["about"] == about
    assert [r["id"] for r in world.rows("order", filter=f'about.id == "{target}"')] == [record["id"]]
    expanded = world.read("order", record["id"], expand=["about"])["about"]
    assert (expanded["id"], expanded["record"]["name"]) == (target, "Target")
    assert len(world.rows("order", filter='about.entity == "place" && label == "any"')) == 1
    for wrong in ({"entity": "place", "id": secret}, {"entity": "asset", "id": target}):
        body = {"label": "any", "about": wrong}
        assert codes(lambda body=body: world.create("order", body, "clerk")) == [
            ("/about/id", "link.unknown")
        ]
    world.delete("place", target)
    assert world.read("order", record["id"])["about"] is None
    last = world.history("order", record["id"])[0]["changes"]["about"]
    assert last == {"old": about, "new": None}


def test_a_snapshot_is_taken_once(world: RecordWorld) -> None:
    home = place(world, "Home", country="DE")
    record = world.create("order", {"label": "S", "home": home})
    assert record["home_then"] == {"name": "Home", "country": "DE"}
    assert record["home_when_used"] is None
    world.update("place", home, {"name": "Moved", "country": "TW"})
    used = world.update("order", record["id"], {"kind": "metal"})
    assert used["home_then"] == {"name": "Home", "country": "DE"}
    assert used["home_when_used"] == {"name": "Moved"}
    elsewhere = place(world, "Elsewhere")
    assert world.update("order", record["id"], {"home": elsewhere})["home_then"]["name"] == "Home"
    assert world.read("order", record["id"])["home_then"]["name"] == "Home"
    assert codes(lambda: world.update("order", record["id"], {"home_then": {"name": "x"}})) == [
        ("/home_then", "readOnly")
    ]
    late = world.create("order", {"label": "L"})
    assert late["home_then"] is None
    assert world.update("order", late["id"], {"home": elsewhere})["home_then"]["name"] == "Elsewhere"
