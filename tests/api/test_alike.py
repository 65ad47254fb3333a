"""Duplicates, merging and conversions over HTTP."""

from typing import Any

from api_world import ApiWorld, problem


def test_a_plain_write_stores_likely_duplicates_and_one_that_asks_does_not(api: ApiWorld) -> None:
    first = api.post("/asset", {"label": "Twice there"})
    assert first.status_code == 201
    assert api.post("/asset", {"label": "TWICE  there"}).status_code == 201
    refused = problem(api.post("/asset?duplicates=ask", {"label": "twice-there"}), 409)
    assert refused["code"] == "duplicate.likely"
    assert refused["errors"][0]["pointer"] == "/label"
    (match,) = refused["duplicates"]
    assert match["rule"] == "same_label" and len(match["records"]) == 2
    assert {"id", "title", "owner"} <= set(match["records"][0])
    assert len(api.get("/asset?q=twice").get_json()["data"]) == 2
    assert api.post("/asset?duplicates=ask", {"label": "Never before"}).status_code == 201


def test_a_change_asks_only_about_what_it_touches(api: ApiWorld) -> None:
    api.make(label="Namesake")
    other = api.make(label="Another name")
    url = f"/asset/{other['id']}?duplicates=ask"
    assert problem(api.patch(url, {"label": "namesake"}), 409)["code"] == "duplicate.likely"
    assert api.patch(f"/asset/{other['id']}", {"label": "namesake"}).status_code == 200
    assert api.patch(url, {"pieces": 4}).status_code == 200


def test_what_is_being_entered_is_compared(api: ApiWorld) -> None:
    made = api.make(label="Being typed")
    body = {"values": {"label": "being TYPED", "pieces": "wrong"}}
    (match,) = api.post("/asset/duplicates", body).get_json()["data"]
    assert [each["id"] for each in match["records"]] == [made["id"]]
    assert api.post("/asset/duplicates", {**body, "id": made["id"]}).get_json() == {"data": []}


def test_the_report_comes_page_by_page(api: ApiWorld) -> None:
    for label in ("Report A", "report a", "Report B", "report b"):
        api.make(label=label)
    found: list[Any] = []
    cursor = ""
    while True:
        page = api.get(f"/asset/duplicates?limit=1{cursor}").get_json()
        found += page["data"]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert [group["count"] for group in found if group["records"][0]["title"].startswith("Report")] == [2, 2]
    problem(api.get("/asset/duplicates?cursor=%FF"), 400)
    problem(api.get("/asset/duplicates?rule=nosuch"), 400)


def test_records_are_merged_and_parted_again(api: ApiWorld) -> None:
    winner, loser = api.make(label="Stays"), api.make(label="Goes", pieces=7, note="n")
    answer = api.post(
        f"/asset/{winner['id']}/merge", {"others": [loser["id"]], "choose": {"label": loser["id"]}}
    )
    assert answer.status_code == 200, answer.text
    done = answer.get_json()
    assert (done["record"]["label"], done["record"]["pieces"], done["moved"]) == ("Goes", 7, 0)
    assert answer.headers["ETag"] == f'"{done["record"]["version"]}"'
    problem(api.get(f"/asset/{loser['id']}"), 404)
    entries = api.get(f"/asset/{winner['id']}/history").get_json()["data"]
    assert {each["record_id"] for each in entries} == {winner["id"], loser["id"]}
    back = api.post(f"/asset/{winner['id']}/unmerge", {"merge": done["merge"]}).get_json()
    assert (back["restored"], back["kept"]) == ([loser["id"]], [])
    assert api.get(f"/asset/{loser['id']}").get_json()["pieces"] == 7
    problem(api.post(f"/asset/{winner['id']}/unmerge", {"merge": done["merge"]}), 409)


def test_a_merge_minds_the_version_and_the_form_of_its_body(api: ApiWorld) -> None:
    winner, loser = api.make(label="W"), api.make(label="L")
    url, body = f"/asset/{winner['id']}/merge", {"others": [loser["id"]]}
    problem(api.post(url, body, headers={"If-Match": '"9"'}), 412)
    problem(api.post(url, {"others": ["x"]}), 422)
    wrong = problem(api.post(url, {**body, "choose": {"label": "x"}}), 422)
    assert wrong["errors"][0]["pointer"] == "/choose/label"


def test_a_record_is_converted_once(api: ApiWorld) -> None:
    asset = api.make(label="Becomes a place")
    url = f"/asset/{asset['id']}/convert"
    answer = api.post(url, {"conversion": "settle", "values": {"place": {"country": "DE"}}})
    assert answer.status_code == 201, answer.text
    done = answer.get_json()
    (made,) = done["created"]
    assert (made["name"], made["entity"]) == ("place", "place")
    place = api.get(f"/place/{made['id']}").get_json()
    assert (place["name"], place["country"]) == ("Becomes a place", "DE")
    assert done["record"]["place"] == made["id"] and done["used"] == []
    assert problem(api.post(url, {"conversion": "settle"}), 409)["code"] == "conversion.done"


def test_a_conversion_says_what_is_wrong_where(api: ApiWorld) -> None:
    asset = api.make(label="Wrong")
    url = f"/asset/{asset['id']}/convert"
    told = problem(api.post(url, {"conversion": "setle"}), 422)
    assert told["errors"][0]["pointer"] == "/conversion" and "settle" in told["detail"]
    told = problem(api.post(url, {"conversion": "settle", "values": {"place": {"name": 5}}}), 422)
    assert told["errors"][0]["pointer"] == "/values/place/name"
    problem(api.post(url, {"conversion": "settle", "use": {"place": "x"}}), 422)
    place = api.make("place", name="There already")
    used = api.post(url, {"conversion": "settle", "use": {"place": place["id"]}}).get_json()
    assert used["used"][0]["id"] == place["id"] and used["record"]["place"] == place["id"]
