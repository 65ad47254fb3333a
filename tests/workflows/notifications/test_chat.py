"""Chat rooms: posted in the tool's format, signed as it wants, with nothing that others in the room may not see."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from notice_world import NoticeWorld, notice_world
from web_sink import Sink, web_sink

from fieldstone.engine.egress import Egress
from fieldstone.workflows.notifications import change_own, notification_jobs
from fieldstone.workflows.notifications.chat import (
    ChatFailed,
    channel,
    channels,
    drop_channel,
    payload,
    post,
    save_channel,
    sign_dingtalk,
    sign_feishu,
)


@pytest.fixture(scope="module")
def notices(postgres_url: str) -> Iterator[NoticeWorld]:
    with notice_world(postgres_url, "chatting") as world:
        yield world


@pytest.fixture
def sink(notices: NoticeWorld) -> Iterator[Sink]:
    with web_sink() as running:
        yield running
    for each in notices.world.look(channels):
        notices.world.write(lambda tx, each=each: drop_channel(tx, each.id))  # type: ignore[misc]


def room(notices: NoticeWorld, sink: Sink, form: str, **more: Any) -> UUID:
    body = {"name": form, "format": form, "url": f"{sink.url}/{form}?key=abc", **more}
    return notices.world.write(lambda tx: save_channel(tx, body)).id


def tell(notices: NoticeWorld, sink: Sink, chosen: UUID) -> None:
    choose = {"chat": str(chosen), "groups": {"assigned": {"chat": True}}}
    notices.world.write(lambda tx: change_own(tx, choose), "ann")
    allowed = notices.server.egress.allowed | sink.egress.allowed
    notices.tell("ann", data={"comment": "secret words"})
    notices.work(notification_jobs(lambda: Egress(allowed)))


@pytest.mark.parametrize(
    ("form", "where"),
    [
        ("slack", lambda body: body["text"]),
        ("wecom", lambda body: body["text"]["content"]),
        ("dingtalk", lambda body: body["text"]["content"]),
        ("feishu", lambda body: body["content"]["post"]["zh_cn"]["title"]),
    ],
    ids=["slack", "wecom", "dingtalk", "feishu"],
)
def test_a_room_is_told_in_its_tools_format_without_details(
    notices: NoticeWorld, sink: Sink, form: str, where: Any
) -> None:
    tell(notices, sink, room(notices, sink, form))
    (posted,) = sink.posts
    body = json.loads(posted.body)
    assert "Ann: Something was assigned to you" in where(body)
    assert posted.headers["content-type"].startswith("application/json")
    for hidden in ("Lathe", "secret words", str(notices.asset)):
        assert hidden not in posted.body.decode()


def test_a_room_with_details_is_told_what_the_receiver_sees(notices: NoticeWorld, sink: Sink) -> None:
    tell(notices, sink, room(notices, sink, "slack", details=True))
    text = sink.posts[0].body.decode()
    assert "Lathe" in text and "secret words" in text
    assert f"https://works.example/t/chatting/e/asset/{notices.asset}" in text


def test_every_format_makes_json_of_any_text(notices: NoticeWorld, sink: Sink) -> None:
    nasty = {"title": 'a "b" \\ {{ c }}\n', "text": "x\n\ty", "url": "https://x/?a=1&b=2", "person": "O'Hara"}
    for form in ("slack", "wecom", "dingtalk", "feishu"):
        found = notices.world.look(lambda tx, form=form: channel(tx, room_id(notices, sink, form)))  # type: ignore[misc]
        assert found is not None
        body = notices.world.look(lambda tx, found=found: payload(tx, found, nasty))  # type: ignore[misc]
        assert nasty["title"].strip() in json.dumps(body, ensure_ascii=False).encode().decode(
            "unicode_escape"
        )


def room_id(notices: NoticeWorld, sink: Sink, form: str) -> UUID:
    return room(notices, sink, form)


def test_a_refusal_that_answers_200_is_a_failure(notices: NoticeWorld, sink: Sink) -> None:
    found = notices.world.look(lambda tx: channel(tx, room_id(notices, sink, "wecom")))
    assert found is not None
    for said in (b'{"errcode": 93000, "errmsg": "invalid key"}', b'{"code": 19001}', b'{"StatusCode": 1}'):
        sink.answer = lambda posted, said=said: (200, {}, said)  # type: ignore[misc]
        with pytest.raises(ChatFailed):
            post(notices.world.engine, notices.world.tenant, found, {"a": 1}, sink.egress)
    for taken in (b"ok", b'{"errcode": 0}', b'{"code": 0, "StatusCode": 0}', b""):
        sink.answer = lambda posted, taken=taken: (200, {}, taken)  # type: ignore[misc]
        assert post(notices.world.engine, notices.world.tenant, found, {"a": 1}, sink.egress).good


def test_dingtalk_signs_the_address_and_feishu_the_body() -> None:
    url, body = sign_dingtalk("https://x.example/robot?access_token=t", {"a": 1}, "SEC", 1_700_000_000.5)
    query = parse_qs(urlsplit(url).query)
    expected = hmac.new(b"SEC", b"1700000000500\nSEC", hashlib.sha256).digest()
    assert query["timestamp"] == ["1700000000500"] and body == {"a": 1}
    assert base64.b64decode(query["sign"][0]) == expected
    url, body = sign_feishu("https://x.example/hook", {"a": 1}, "SEC", 1_700_000_000.5)
    expected = hmac.new(b"1700000000\nSEC", b"", hashlib.sha256).digest()
    assert url == "https://x.example/hook" and body["timestamp"] == "1700000000"
    assert base64.b64decode(body["sign"]) == expected and body["a"] == 1


def test_a_signed_room_is_posted_to_signed(notices: NoticeWorld, sink: Sink) -> None:
    tell(notices, sink, room(notices, sink, "dingtalk", secret="SEC"))
    assert "&sign=" in sink.posts[0].path and "key=abc" in sink.posts[0].path
