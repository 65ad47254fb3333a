"""Preconditions, keys that make writes happen once, and batches."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from api_world import ApiWorld, pointers, problem

from fieldstone.engine.idempotency import KEPT

MISSING = "01900000-0000-7000-8000-000000000000"


@pytest.mark.parametrize(
    ("tag", "status"),
    [
        ('"1"', 200), ("*", 200), (" * ", 200), ('"2"', 412), ('W/"1"', 412), ('"abc"', 412), ('"01"', 412), ('""', 412),
        ("1", 400), ("", 400), ('"1', 400), ('"1", "2"', 400), ('"1"x', 400), ("W/1", 400),
    ],
)  # fmt: skip
def test_if_match_decides_over_a_change(api: ApiWorld, tag: str, status: int) -> None:
    made = api.make(pieces=1)
    answer = api.patch(f"/asset/{made['id']}", {"pieces": 2}, headers={"If-Match": tag})
    assert answer.status_code == status, answer.text
    assert api.get(f"/asset/{made['id']}").get_json()["pieces"] == (2 if status == 200 else 1)


def test_if_match_decides_over_deleting(api: ApiWorld) -> None:
    made = api.make()
    assert problem(api.delete(f"/asset/{made['id']}", headers={"If-Match": '"9"'}), 412)["code"] == "stale"
    assert api.delete(f"/asset/{made['id']}", headers={"If-Match": '"1"'}).status_code == 204


def test_what_is_not_there_is_not_found_before_it_is_stale(api: ApiWorld) -> None:
    problem(api.patch(f"/asset/{MISSING}", {}, headers={"If-Match": '"9"'}), 404)
    problem(api.delete(f"/asset/{MISSING}", headers={"If-Match": '"9"'}), 404)


@pytest.mark.parametrize(
    ("tag", "status"),
    [('"1"', 304), ('W/"1"', 304), ("*", 304), ('"2", "1"', 304), ('"2"', 200), ('"x"', 200), ("1", 400)],
)
def test_if_none_match_spares_an_answer(api: ApiWorld, tag: str, status: int) -> None:
    made = api.make("place", name="Harbour")
    answer = api.get(f"/place/{made['id']}", headers={"If-None-Match": tag})
    assert answer.status_code == status
    if status == 304:
        assert (answer.data, answer.headers["ETag"]) == (b"", '"1"')


def test_records_with_figures_from_elsewhere_are_always_answered(api: ApiWorld) -> None:
    made = api.make()
    assert api.get(f"/asset/{made['id']}", headers={"If-None-Match": '"1"'}).status_code == 200


def once(key: str) -> dict[str, Any]:
    return {"headers": {"Idempotency-Key": key}}


def test_a_repeated_create_gives_the_same_answer_and_one_record(api: ApiWorld) -> None:
    before = api.count("part")
    first = api.post("/part", {"name": "Bolt"}, **once("create-1"))
    again = api.post("/part", {"name": "Bolt"}, **once("create-1"))
    assert (again.status_code, again.data) == (first.status_code, first.data) == (201, first.data)
    assert again.headers["Location"] == first.headers["Location"]
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert api.count("part") == before + 1


def test_every_write_takes_a_key(api: ApiWorld) -> None:
    made = api.make("part", name="Bolt")
    path = f"/part/{made['id']}"
    patched = [api.patch(path, {"qty": 5}, **once("patch-1")) for _ in range(2)]
    assert [each.headers["ETag"] for each in patched] == ['"2"', '"2"']
    deleted = [api.delete(path, **once("delete-1")).status_code for _ in range(2)]
    assert deleted == [204, 204]
    restored = [api.post(f"{path}/restore", **once("restore-1")).get_json()["version"] for _ in range(2)]
    assert restored == [4, 4]
    sent = {"operations": [{"op": "create", "record": {"name": "Nut"}}]}
    batches = [api.post("/part/batch", sent, **once("batch-1")).data for _ in range(2)]
    assert batches[0] == batches[1]
    files = [
        api.ask("POST", "/files?name=a.txt", data=b"abc", content_type="text/plain", **once("file-1"))
        for _ in (1, 2)
    ]
    assert files[0].get_json() == files[1].get_json()


def test_a_key_stands_for_one_request(api: ApiWorld) -> None:
    made = api.post("/part", {"name": "Bolt"}, **once("other-1")).get_json()
    before = api.count("part")
    for answer in (
        api.post("/part", {"name": "Nut"}, **once("other-1")),
        api.post("/place", {"name": "Bolt"}, **once("other-1")),
        api.patch(f"/part/{made['id']}", {"name": "Bolt"}, **once("other-1")),
    ):
        assert problem(answer, 422)["code"] == "idempotency.reused"
    assert api.count("part") == before


def test_keys_of_two_people_do_not_meet(api: ApiWorld) -> None:
    one = api.post("/asset", {"label": "Lamp"}, **once("people-1")).get_json()
    two = api.post("/asset", {"label": "Lamp"}, who="clerk", **once("people-1")).get_json()
    assert one["id"] != two["id"]


def test_a_refused_request_frees_its_key(api: ApiWorld) -> None:
    problem(api.post("/part", {"qty": 1}, **once("refused-1")), 422)
    problem(api.post("/asset", {"label": "x", "status": "used"}, **once("refused-1")), 422)
    assert api.post("/part", {"name": "Bolt"}, **once("refused-1")).status_code == 201


def test_two_at_once_make_one_record(api: ApiWorld) -> None:
    before = api.count("part")
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: api.post("/part", {"name": "Race"}, **once("race-1")), range(6)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.data for answer in answers}) == 1
    assert api.count("part") == before + 1


def test_a_key_is_free_again_after_a_day(api: ApiWorld) -> None:
    first = api.post("/part", {"name": "Bolt"}, **once("day-1")).get_json()
    schema = api.made.tenant.schema
    with api.services.engine.database.connection() as connection:
        connection.execute(
            f'UPDATE "{schema}"._idempotency SET at = at - %(kept)s WHERE key = %(key)s',
            {"kept": KEPT * 1.01, "key": "day-1"},
        )
    second = api.post("/part", {"name": "Nut"}, **once("day-1"))
    assert second.status_code == 201
    assert second.get_json()["id"] != first["id"]


@pytest.mark.parametrize("key", ["", "x" * 256, "é", "a\tb"])
def test_a_key_must_be_plain(api: ApiWorld, key: str) -> None:
    assert problem(api.post("/part", {"name": "x"}, **once(key)), 400)["code"] == "idempotency.malformed"


def test_a_batch_does_all_in_order(api: ApiWorld) -> None:
    made = api.make("part", name="Bolt")
    gone = api.make("part", name="Nut")
    answer = api.post(
        "/part/batch",
        {
            "operations": [
                {"op": "create", "record": {"name": "Screw"}},
                {"op": "update", "id": made["id"], "record": {"qty": 2}, "if_match": 1},
                {"op": "update", "id": made["id"], "record": {"qty": 3}, "if_match": 2},
                {"op": "delete", "id": gone["id"]},
            ]
        },
    )
    results = answer.get_json()["results"]
    assert [each["status"] for each in results] == [201, 200, 200, 204]
    assert [each["record"] and each["record"]["qty"] for each in results] == [None, 2, 3, None]
    problem(api.get(f"/part/{gone['id']}"), 404)


def test_one_refusal_refuses_the_batch_and_says_which(api: ApiWorld) -> None:
    before = api.count()
    sent = {
        "operations": [{"op": "create", "record": {"label": "a"}}, {"op": "create", "record": {"pieces": 1}}]
    }
    assert pointers(api.post("/asset/batch", sent)) == [("/operations/1/record/label", "required")]
    stale = {"operations": [{"op": "create", "record": {"label": "a"}}, {"op": "delete", "id": MISSING}]}
    assert problem(api.post("/asset/batch", stale), 404)["errors"][0]["pointer"] == "/operations/1"
    twice = {"operations": [{"op": "create", "record": {"label": "a", "serial": "batch-1"}}] * 2}
    assert pointers(api.post("/asset/batch", twice), 409) == [("/operations/1/record/serial", "unique")]
    assert api.count() == before


def test_a_batch_of_one_thousand_is_taken(api: ApiWorld) -> None:
    before = api.count("part")
    sent = {"operations": [{"op": "create", "record": {"name": f"n{i}"}} for i in range(1000)]}
    assert len(api.post("/part/batch", sent).get_json()["results"]) == 1000
    assert api.count("part") == before + 1000
