"""Notifications, web hooks and chat channels over the API."""

from typing import Any
from uuid import UUID

import pytest
from api_world import ApiWorld, problem
from web_sink import web_sink

from fieldstone.engine.identity import find_person
from fieldstone.workflows.notifications import Notice, notify

MISSING = "01900000-0000-7000-8000-000000000000"


def tell(api: ApiWorld, who: str, record: str, **named: Any) -> None:
    engine, tenant = api.services.engine, api.made.tenant
    with engine.database.connection() as connection:
        person = find_person(connection, tenant, who)
    assert person is not None
    given = {"kind": "assigned", "template": "assigned", "entity": "asset", "record": UUID(record), **named}
    notice = Notice(receivers=(person.id,), **given)
    engine.write(engine.system_context(tenant), lambda tx: notify(tx, notice))


def test_notices_are_listed_counted_and_marked(api: ApiWorld) -> None:
    asset = api.make(label="Lathe")
    for at in range(3):
        tell(api, "reader", asset["id"], data={"comment": f"number {at}"})
    first = api.get("/notifications?limit=2", who="reader").get_json()
    assert first["unread"] == 3 and len(first["data"]) == 2
    newest = first["data"][0]
    assert newest["title"] == "Assigned to you: Asset “Lathe”" and "number 2" in newest["text"]
    assert newest["link"] == f"e/asset/{asset['id']}" and newest["record"] == asset["id"]
    rest = api.get(f"/notifications?limit=2&cursor={first['next']}", who="reader").get_json()
    assert len(rest["data"]) == 1 and rest["next"] is None
    marked = api.ask("POST", "/notifications/read", {"ids": [newest["id"], MISSING]}, who="reader").get_json()
    assert marked == {"changed": 1, "unread": 2}
    assert len(api.get("/notifications?unread=true", who="reader").get_json()["data"]) == 2
    back = api.ask("POST", "/notifications/unread", {"ids": [newest["id"]]}, who="reader").get_json()
    assert back == {"changed": 1, "unread": 3}
    every = {"all": True, "until": first["data"][1]["id"]}
    assert api.ask("POST", "/notifications/read", every, who="reader").get_json()["unread"] == 1
    assert api.ask("POST", "/notifications/read", {"all": True}, who="reader").get_json()["unread"] == 0


def test_nobody_reads_or_marks_what_others_were_told(api: ApiWorld) -> None:
    asset = api.make(label="Lathe")
    tell(api, "reader", asset["id"])
    own = api.get("/notifications", who="reader").get_json()["data"][0]["id"]
    seen = [each["id"] for each in api.get("/notifications", who="admin").get_json()["data"]]
    assert own not in seen
    marked = api.ask("POST", "/notifications/read", {"ids": [own]}, who="admin").get_json()
    assert marked["changed"] == 0
    api.ask("POST", "/notifications/read", {"all": True}, who="admin")
    assert api.get("/notifications?unread=true", who="reader").get_json()["data"][0]["id"] == own
    api.ask("POST", "/notifications/read", {"all": True}, who="reader")


def test_who_may_not_read_the_record_any_more_reads_nothing_of_it(api: ApiWorld) -> None:
    asset = api.make(label="Confidential")
    tell(api, "nobody", asset["id"], data={"comment": "about Confidential"})
    entry = api.get("/notifications", who="nobody").get_json()["data"][0]
    assert "Confidential" not in str(entry) and asset["id"] not in str(entry)
    assert (entry["entity"], entry["record"], entry["link"]) == (None, None, None)
    gone = api.make(label="Soon gone")
    tell(api, "reader", gone["id"])
    assert "Soon gone" in str(api.get("/notifications", who="reader").get_json()["data"][0])
    api.ask("DELETE", f"/asset/{gone['id']}")
    assert "Soon gone" not in str(api.get("/notifications", who="reader").get_json()["data"][0])


def test_preferences_are_choices_over_the_companys(api: ApiWorld) -> None:
    def change(path: str, body: Any, who: str = "reader") -> Any:
        return api.ask("PATCH", f"/notifications/{path}", body, who=who)

    before = api.get("/notifications/preferences", who="reader").get_json()
    assert before["groups"]["approval.asked"] == {"app": True, "mail": "now", "chat": True}
    made = change("preferences", {
        "groups": {"reminder": {"mail": "digest"}}, "quiet": {"from": "22:00", "to": "07:00"}, "digest": "07:30",
    }).get_json()  # fmt: skip
    assert made["groups"]["reminder"]["mail"] == "digest" and made["digest"] == "07:30"
    assert made["quiet"] == {"from": "22:00", "to": "07:00", "weekend": False}
    company = change(
        "defaults", {"groups": {"mention": {"mail": "off"}, "reminder": {"mail": "off"}}}, "admin"
    )
    assert company.status_code == 200
    now = api.get("/notifications/preferences", who="reader").get_json()
    assert now["groups"]["mention"]["mail"] == "off" and now["groups"]["reminder"]["mail"] == "digest"
    back = change("preferences", {"groups": None, "quiet": None, "digest": None}).get_json()
    assert back["groups"]["reminder"]["mail"] == "off" and back["quiet"] is None
    change("defaults", {"groups": None}, "admin")
    assert api.get("/notifications/preferences", who="reader").get_json() == before


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"groups": {"remindr": {}}}, "/groups/remindr"),
        ({"groups": {"reminder": {"mail": "never"}}}, "/groups/reminder/mail"),
        ({"groups": {"reminder": {"sms": True}}}, "/groups/reminder/sms"),
        ({"quiet": {"from": "25:00", "to": "07:00"}}, "/quiet"),
        ({"quiet": {"from": "07:00", "to": "07:00"}}, "/quiet"),
        ({"digest": "8"}, "/digest"),
        ({"chat": "room"}, "/chat"),
        ({"loud": True}, "/loud"),
    ],
    ids=["group", "mail", "way", "time", "never quiet", "digest", "chat", "unknown"],
)
def test_choices_that_cannot_be_are_refused(api: ApiWorld, body: Any, pointer: str) -> None:
    told = problem(api.ask("PATCH", "/notifications/preferences", body, who="reader"), 422)
    assert [each["pointer"] for each in told["errors"]] == [pointer]


def test_a_web_hook_is_made_shown_changed_and_dropped_and_its_secret_shown_once(api: ApiWorld) -> None:
    with web_sink() as sink:
        body = {"name": "Store", "entity": "asset", "verbs": ["create"], "url": f"{sink.url}/x"}
        answer = api.ask("POST", "/webhooks", body)
        made = answer.get_json()
        assert answer.status_code == 201 and made["secret"].startswith("whsec_")
        hook = f"/webhooks/{made['id']}"
        assert "secret" not in api.get(hook).get_json()
        assert [each["id"] for each in api.get("/webhooks").get_json()["data"]] == [made["id"]]
        changed = api.ask("PATCH", hook, {"verbs": ["update"]}).get_json()
        assert changed["verbs"] == ["update"] and changed["secret"] is None and changed["version"] == 2
        assert api.ask("PATCH", hook, {"secret": None}).get_json()["secret"] != made["secret"]
        assert api.get(f"{hook}/events").get_json() == {"data": [], "next": None}
        problem(api.ask("POST", f"{hook}/events/{MISSING}/replay"), 404)
        told = problem(api.ask("POST", "/webhooks", {**body, "entity": "aset"}), 422)
        assert told["errors"][0]["pointer"] == "/entity" and "asset" in told["errors"][0]["message"]
        assert api.ask("DELETE", hook).status_code == 204
        problem(api.get(hook), 404)


def test_a_repeated_request_makes_one_web_hook_and_one_secret(api: ApiWorld) -> None:
    body = {"name": "Once", "entity": "asset", "url": "https://hooks.example.org/once"}
    first, again = (api.post("/webhooks", body, headers={"Idempotency-Key": "hook"}) for _ in range(2))
    assert (again.status_code, again.data) == (201, first.data)
    assert again.headers["Idempotency-Replayed"] == "true" and "Idempotency-Replayed" not in first.headers
    assert [each["name"] for each in api.get("/webhooks").get_json()["data"]] == ["Once"]
    hook = f"/webhooks/{first.get_json()['id']}"
    new = [api.patch(hook, {"secret": None}, headers={"Idempotency-Key": "new"}).get_json() for _ in range(2)]
    assert new[0] == new[1] and api.get(hook).get_json()["version"] == 2
    other = api.post("/webhooks", {**body, "name": "Other"}, headers={"Idempotency-Key": "hook"})
    assert problem(other, 422)["code"] == "idempotency.reused"
    assert len(api.get("/webhooks").get_json()["data"]) == 1
    api.delete(hook)


def test_a_chat_channel_never_shows_its_address(api: ApiWorld) -> None:
    body = {"name": "Desk", "format": "slack", "url": "https://hooks.example.org/abc", "secret": "s3"}
    made = api.ask("POST", "/chat-channels", body).get_json()
    assert "abc" not in str(made) and made["has_secret"] is True
    listed = api.get("/chat-channels", who="reader").get_json()["data"]
    assert listed == [made]
    changed = api.ask("PATCH", f"/chat-channels/{made['id']}", {"details": True, "secret": None}).get_json()
    assert changed["details"] is True and changed["has_secret"] is False
    told = problem(api.ask("POST", "/chat-channels", {**body, "format": "smoke"}), 422)
    assert told["errors"][0]["pointer"] == "/format"
    assert api.ask("DELETE", f"/chat-channels/{made['id']}").status_code == 204
