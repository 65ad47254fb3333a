"""One record over HTTP: create, read, change, delete, restore, history."""

from api_world import ApiWorld, counted, pointers, problem


def test_create_answers_201_with_location_and_etag(api: ApiWorld) -> None:
    answer = api.post(
        "/asset", {"label": "Lamp", "price": 12.5, "pieces": 2, "parts": [{"name": "bulb", "qty": 2}]}
    )
    body = answer.get_json()
    assert answer.status_code == 201
    assert answer.headers["ETag"] == '"1"'
    assert answer.headers["Location"] == f"{api.base}/asset/{body['id']}"
    assert (body["price"], body["price_currency"], body["worth"], body["part_count"]) == (
        "12.50",
        "USD",
        "25.00",
        2,
    )
    assert body["number"].startswith("A-")
    assert body["serial"] is None
    assert api.get(answer.headers["Location"]).get_json() == body


def test_patch_changes_what_it_names_and_raises_the_version(api: ApiWorld) -> None:
    made = api.make(pieces=1, note="old")
    answer = api.patch(f"/asset/{made['id']}", {"pieces": 4, "note": None})
    body = answer.get_json()
    assert answer.status_code == 200
    assert answer.headers["ETag"] == '"2"'
    assert (body["pieces"], body["note"], body["label"], body["version"]) == (4, None, "Lamp", 2)


def test_merge_patch_media_type_is_accepted(api: ApiWorld) -> None:
    made = api.make()
    more = {"data": b'{"pieces": 5}', "content_type": "application/merge-patch+json"}
    assert api.ask("PATCH", f"/asset/{made['id']}", **more).get_json()["pieces"] == 5


def test_deleted_records_are_gone_listed_apart_and_come_back(api: ApiWorld) -> None:
    made = api.make(serial="gone-1")
    assert api.delete(f"/asset/{made['id']}").status_code == 204
    problem(api.get(f"/asset/{made['id']}"), 404)
    deleted = api.get("/asset?deleted=true&limit=200").get_json()["data"]
    assert made["id"] in [each["id"] for each in deleted]
    answer = api.post(f"/asset/{made['id']}/restore")
    assert answer.status_code == 200
    assert answer.get_json()["version"] == 3
    assert api.get(f"/asset/{made['id']}").status_code == 200


def test_restore_reports_a_collision(api: ApiWorld) -> None:
    made = api.make(serial="taken-1")
    api.delete(f"/asset/{made['id']}")
    api.make(serial="taken-1")
    assert pointers(api.post(f"/asset/{made['id']}/restore"), 409) == [("/serial", "unique")]


def test_history_lists_changes_newest_first_and_pages(api: ApiWorld) -> None:
    made = api.make(pieces=1)
    for pieces in (2, 3):
        api.patch(f"/asset/{made['id']}", {"pieces": pieces})
    first = api.get(f"/asset/{made['id']}/history?limit=2").get_json()
    assert [entry["changes"]["pieces"] for entry in first["data"]] == [
        {"old": 2, "new": 3},
        {"old": 1, "new": 2},
    ]
    assert {"id", "at", "actor", "verb", "revision", "changes"} <= set(first["data"][0])
    rest = api.get(f"/asset/{made['id']}/history?cursor={first['next']}").get_json()
    assert [entry["verb"] for entry in rest["data"]] == ["create"]
    assert rest["next"] is None


def test_fields_and_expand_shape_a_record(api: ApiWorld) -> None:
    place = api.make("place", name="Harbour")
    made = api.make(place=place["id"])
    body = api.get(f"/asset/{made['id']}?fields=label&expand=place").get_json()
    assert set(body) == {"id", "version", "label", "place"}
    assert body["place"]["name"] == "Harbour"


def test_a_link_that_is_still_needed_is_a_conflict(api: ApiWorld) -> None:
    place = api.make("place", name="Harbour")
    api.make(place=place["id"])
    assert problem(api.delete(f"/place/{place['id']}"), 409)["code"] == "restrict"


def test_round_trips_are_few(api: ApiWorld) -> None:
    place = api.make("place", name="Harbour")
    small = api.make("part", name="Bolt")
    keys = iter(("trips-1", "trips-2"))
    names = iter(("Screw", "Nail"))
    expected = {
        "create": 2,
        "create once": 2,
        "create with a link": 3,
        "update": 3,
        "read": 2,
        "list": 2,
        "aggregate": 2,
    }
    asked = {
        "create": lambda: api.post("/part", {"name": "Nut"}),
        "create once": lambda: api.post("/part", {"name": "Nut"}, headers={"Idempotency-Key": next(keys)}),
        "create with a link": lambda: api.post("/part", {"name": "Nut", "home": place["id"]}),
        "update": lambda: api.patch(f"/part/{small['id']}", {"name": next(names)}),
        "read": lambda: api.get(f"/part/{small['id']}"),
        "list": lambda: api.get("/part?limit=5&filter=qty > 0&sort=-qty&count=true"),
        "aggregate": lambda: api.post("/part/aggregate", {"measures": [{"fn": "count"}]}),
    }
    found = {}
    for name, ask in asked.items():
        ask()
        with counted() as trips:
            assert ask().status_code < 300
        found[name] = trips[0]
    assert found == expected
