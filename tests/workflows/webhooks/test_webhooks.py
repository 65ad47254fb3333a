"""Web hooks: written with the change, signed, in order per record, tried again, kept in a log."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from record_world import RecordWorld, package, record_world
from web_sink import Sink, web_sink

from fieldstone.engine import records
from fieldstone.engine.egress import Egress
from fieldstone.engine.jobs import due_jobs, jobs_of
from fieldstone.engine.permissions import Denied
from fieldstone.engine.service import Engine
from fieldstone.engine.storage import control
from fieldstone.engine.storage.connection import compile_plan
from fieldstone.workflows import Runner
from fieldstone.workflows.webhooks import (
    BadWebhook,
    UnknownWebhook,
    WebhookFollower,
    drop_webhook,
    events_of,
    ping,
    replay,
    save_webhook,
    webhook_jobs,
)

DOCUMENTS = {
    "entities/asset": {
        "type": "object",
        "titleField": "label",
        "properties": {
            "label": {"type": "string"},
            "cost": {"field": "money"},
            "parts": {"field": "lines", "properties": {"name": {"type": "string"}, "price": {"field": "decimal"}}},
            "near": {"field": "multi_link", "target": "place"},
        },
    },
    "entities/place": {"type": "object", "properties": {"name": {"type": "string"}}},
    "roles/keeper": {
        "manages": ["company"],
        "entities": [{"name": "asset", "verbs": {"read": "all"}, "hidden": ["cost"]}],
    },
    "roles/small": {"manages": ["company"], "entities": [{"name": "asset", "verbs": {"read": "own"}}]},
}  # fmt: skip


class Hooks:
    """A world whose engine tells followers, and a server that is told."""

    def __init__(self, world: RecordWorld, sink: Sink) -> None:
        self.world, self.sink = world, sink
        self.secrets: dict[UUID, str] = {}

    def subscribe(self, who: str = "kay", **body: Any) -> UUID:
        whole = {"name": "Sink", "entity": "asset", "url": f"{self.sink.url}/hook", **body}
        hook, secret = save_webhook(self.world.engine, self.world.context(who), whole)
        assert secret is not None
        self.secrets[hook.id] = secret
        return hook.id

    def drop(self, hook: UUID) -> None:
        drop_webhook(self.world.engine, self.world.context("kay"), hook)

    def work(self, egress: Egress | None = None) -> None:
        runner = Runner(self.world.engine, webhook_jobs(lambda: egress or self.sink.egress))
        for _ in range(50):
            with self.world.engine.database.connection() as connection:
                waiting = due_jobs(connection)
            if not waiting:
                return
            for job_id in waiting:
                runner.run(job_id)

    def hasten(self) -> None:
        """Make every waiting job due."""
        statement = sa.update(control.job).where(control.job.c.state == "due")
        with self.world.engine.database.connection() as connection:
            connection.fetch(compile_plan(statement.values(due_at=sa.func.now())))

    def log(self, hook: UUID) -> list[Any]:
        return self.world.look(lambda tx: events_of(tx, hook), "kay")[0][::-1]

    def bodies(self) -> list[Any]:
        return [json.loads(posted.body) for posted in self.sink.posts]


@pytest.fixture(scope="module")
def made(postgres_url: str) -> Iterator[Hooks]:
    with web_sink() as sink, record_world(postgres_url, "hooks", [package("stock", DOCUMENTS)]) as world:
        engine = world.engine
        engine.followers = (WebhookFollower(),)
        world.add_user("kay", "keeper")
        world.add_user("lee", "small")
        world.add_user("nobody")
        yield Hooks(world, sink)


@pytest.fixture
def hooks(made: Hooks) -> Iterator[Hooks]:
    made.sink.posts.clear()
    made.sink.answer = lambda posted: (200, {}, b"ok")
    yield made
    for hook in list(made.secrets):
        made.drop(hook)
    made.secrets.clear()


def test_a_change_is_told_signed_and_with_what_the_subscriber_may_see(hooks: Hooks) -> None:
    hook = hooks.subscribe()
    asset = hooks.world.create(
        "asset", {"label": "Lathe", "cost": "9.50", "parts": [{"name": "bolt", "price": "1.20"}]}
    )
    hooks.work()
    (posted,) = hooks.sink.posts
    body = json.loads(posted.body)
    assert body["type"] == "asset.create" and body["record"] == str(asset["id"]) and body["version"] == 1
    assert body["values"]["label"] == "Lathe" and body["values"]["parts"][0]["price"] == "1.20"
    assert not [name for name in body["values"] if name.startswith("cost")]
    assert posted.headers["webhook-id"] == body["id"]
    key = base64.b64decode(hooks.secrets[hook].removeprefix("whsec_"))
    signed = f"{body['id']}.{posted.headers['webhook-timestamp']}.".encode() + posted.body
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert posted.headers["webhook-signature"] == f"v1,{expected}"
    (event,) = hooks.log(hook)
    assert (event.state, event.status, event.response, event.attempts) == ("sent", 200, "ok", 1)


def test_nor_is_told_of_hidden_records_among_several_links_or_of_what_waits_for_hidden_fields(
    hooks: Hooks,
) -> None:
    hooks.subscribe()
    place = hooks.world.create("place", {"name": "Vault"})
    hooks.world.create("asset", {"label": "Lathe", "near": [{"id": str(place["id"])}]})
    waits = {"cost": {"value": "9.50"}, "label": {"value": "Mill"}}
    event = control.webhook_event
    asked = sa.select(event.c["values"]).where(event.c.state == "waiting")
    ((written,),) = hooks.world.look(lambda tx: tx.select(asked))
    stored = {**written, "_pending": waits}
    assert stored["near"] == [{"id": str(place["id"])}]
    change = sa.update(event).where(event.c.state == "waiting").values({"values": stored})
    hooks.world.write(lambda tx: tx.defer_statement(change))
    hooks.work()
    (body,) = hooks.bodies()
    assert body["values"]["near"] == [] and body["values"]["_pending"] == {"label": {"value": "Mill"}}


def test_every_way_of_changing_is_told_and_verbs_choose(hooks: Hooks) -> None:
    hooks.subscribe(verbs=["create", "delete", "restore", "update"])
    only = hooks.subscribe(verbs=["delete"], url=f"{hooks.sink.url}/only")
    world = hooks.world
    asset = world.create("asset", {"label": "Lathe"})
    world.update("asset", asset["id"], {"label": "Big lathe"})
    world.write(lambda tx: records.batch(tx, "asset", [records.Operation("create", body={"label": "B"})]))
    world.delete("asset", asset["id"])
    world.restore("asset", asset["id"])
    world.create("place", {"name": "nowhere"})
    hooks.work()
    told = [body["type"] for posted, body in zip(hooks.sink.posts, hooks.bodies(), strict=True)
            if posted.path == "/hook"]  # fmt: skip
    assert sorted(told) == ["asset.create", "asset.create", "asset.delete", "asset.restore", "asset.update"]
    assert [event.verb for event in hooks.log(only)] == ["delete"]
    changed = next(body for body in hooks.bodies() if body["verb"] == "update")
    assert changed["changed"] == ["label"]
    assert next(body for body in hooks.bodies() if body["verb"] == "delete")["values"] is None


def test_an_event_waits_for_the_earlier_ones_of_its_record(hooks: Hooks) -> None:
    hook = hooks.subscribe()
    hooks.sink.answer = lambda posted: (
        (503, {}, b"not now") if json.loads(posted.body)["values"]["label"] == "first" else (200, {}, b"")
    )
    first = hooks.world.create("asset", {"label": "first"})
    hooks.world.update("asset", first["id"], {"label": "second"})
    hooks.world.update("asset", first["id"], {"label": "third"})
    hooks.world.create("asset", {"label": "another"})
    hooks.work()
    labels = [body["values"]["label"] for body in hooks.bodies()]
    assert sorted(labels) == ["another", "first"], "the record's later events wait, other records do not"
    hooks.sink.posts.clear()
    hooks.sink.answer = lambda posted: (200, {}, b"")
    hooks.hasten()
    hooks.work()
    assert [body["values"]["label"] for body in hooks.bodies()] == ["first", "second", "third"]
    assert {event.state for event in hooks.log(hook)} == {"sent"}


def test_ten_failures_make_an_event_dead_and_let_the_next_one_go_and_it_can_be_replayed(hooks: Hooks) -> None:
    hook = hooks.subscribe()
    hooks.sink.answer = lambda posted: (
        (500, {}, b"broken <here>") if json.loads(posted.body)["verb"] == "create" else (200, {}, b"")
    )
    asset = hooks.world.create("asset", {"label": "a"})
    hooks.world.update("asset", asset["id"], {"label": "b"})
    for _ in range(12):
        hooks.work()
        hooks.hasten()
    created, updated = hooks.log(hook)
    assert (created.state, created.attempts, created.status) == ("dead", 10, 500)
    assert created.response == "broken <here>" and updated.state == "sent"
    ids = [body["id"] for body in hooks.bodies()]
    assert ids == [str(created.id)] * 10 + [str(updated.id)]
    with hooks.world.engine.database.connection() as connection:
        jobs = jobs_of(connection, hooks.world.tenant)
    assert {job.state for job in jobs if job.kind == "webhook"} == {"done"}
    hooks.sink.answer = lambda posted: (200, {}, b"now")
    hooks.world.write(lambda tx: replay(tx, hook, created.id), "kay")
    hooks.work()
    assert hooks.log(hook)[0].state == "sent" and hooks.bodies()[-1]["id"] == str(created.id)


def test_two_jobs_for_one_event_send_it_once_and_a_dead_worker_is_made_up_for(hooks: Hooks) -> None:
    from fieldstone.workflows.webhooks import events

    hook = hooks.subscribe()
    hooks.world.create("asset", {"label": "a"})
    (event,) = hooks.log(hook)
    hooks.world.write(lambda tx: events.queue(tx, event.id, 0, again="twice"))
    hooks.work()
    assert len(hooks.sink.posts) == 1
    hooks.world.create("asset", {"label": "b"})
    later = hooks.log(hook)[1]
    job = UUID(int=7)
    assert hooks.world.write(lambda tx: events.take(tx, later, 0, job))
    assert not hooks.world.write(lambda tx: events.take(tx, later, 0, UUID(int=8)))
    assert hooks.world.write(lambda tx: events.take(tx, later, 0, job))


def test_redirects_are_not_followed_and_private_addresses_are_refused(hooks: Hooks) -> None:
    hook = hooks.subscribe()
    hooks.sink.answer = lambda posted: (302, {"Location": f"{hooks.sink.url}/inside"}, b"")
    hooks.world.create("asset", {"label": "a"})
    hooks.work()
    assert [posted.path for posted in hooks.sink.posts] == ["/hook"]
    assert hooks.log(hook)[0].status == 302 and hooks.log(hook)[0].state == "waiting"
    private = hooks.subscribe()
    hooks.sink.posts.clear()
    hooks.world.create("asset", {"label": "b"})
    hooks.work(Egress())
    refused = hooks.log(private)[0]
    assert refused.state == "dead" and "private address" in refused.response and not hooks.sink.posts


def test_a_switched_off_or_blind_subscription_is_skipped(hooks: Hooks) -> None:
    off = hooks.subscribe()
    blind = hooks.subscribe("lee", url=f"{hooks.sink.url}/blind")
    hooks.world.create("asset", {"label": "a"})
    save_webhook(hooks.world.engine, hooks.world.context("kay"), {"active": False}, off)
    hooks.work()
    assert [hooks.log(hook)[0].state for hook in (off, blind)] == ["skipped", "skipped"]
    assert not hooks.sink.posts
    hooks.world.create("asset", {"label": "b"})
    assert len(hooks.log(off)) == 1, "an inactive subscription gets no events"


def test_an_event_is_stored_with_its_change_or_not_at_all(hooks: Hooks) -> None:
    hook = hooks.subscribe()

    def refused(tx: Any) -> None:
        records.create(tx, "asset", {"label": "never"})
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        hooks.world.write(refused)
    assert hooks.log(hook) == []


def test_without_a_subscription_a_change_asks_and_writes_nothing_more(hooks: Hooks) -> None:
    """The same statements go out with and without the follower, for an entity that nobody subscribed to."""
    hooks.subscribe()

    def trips(engine: Engine) -> list[str]:
        sent: list[str] = []
        with engine.database.connection() as connection:
            plain = type(connection).run

            def counted(self: Any, steps: Any) -> Any:
                sent.extend(sql for sql, _ in steps)
                return plain(self, steps)

            patch = pytest.MonkeyPatch()
            patch.setattr(type(connection), "run", counted)
            try:
                context = hooks.world.context()
                sent.clear()
                engine.write(
                    context, lambda tx: records.create(tx, "place", {"name": "x"}), connection=connection
                )
            finally:
                patch.undo()
        return sent

    engine = hooks.world.engine
    hooks.world.create("place", {"name": "warm"})
    with_follower = trips(engine)
    engine.followers = ()
    try:
        assert with_follower == trips(engine)
    finally:
        engine.followers = (WebhookFollower(),)
    assert not any("_webhook" in sql or "job" in sql for sql in with_follower)


def test_a_test_message_arrives_signed(hooks: Hooks) -> None:
    hook = hooks.subscribe()
    outcome = ping(hooks.world.engine, hooks.world.context("kay"), hook, hooks.sink.egress)
    assert outcome.good and json.loads(hooks.sink.posts[0].body)["type"] == "ping"
    assert hooks.log(hook) == []


def test_only_who_manages_the_company_has_to_do_with_web_hooks(hooks: Hooks) -> None:
    hook = hooks.subscribe()
    world = hooks.world
    with pytest.raises(Denied):
        save_webhook(
            world.engine, world.context("nobody"), {"name": "x", "entity": "asset", "url": "http://x"}
        )
    with pytest.raises(Denied):
        world.look(lambda tx: events_of(tx, hook), "nobody")
    with pytest.raises(UnknownWebhook):
        drop_webhook(world.engine, world.context("kay"), UUID(int=1))


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"name": ""}, "/name"),
        ({"entity": "aset"}, "/entity"),
        ({"verbs": ["read"]}, "/verbs"),
        ({"verbs": []}, "/verbs"),
        ({"url": "ftp://example.org"}, "/url"),
        ({"url": "http://user:pass@example.org/"}, "/url"),
        ({"url": "http://exa mple.org/\r\nX: y"}, "/url"),
        ({"url": "https://example.org:99999/"}, "/url"),
        ({"active": "yes"}, "/active"),
        ({"secret": "short"}, "/secret"),
    ],
    ids=["name", "entity", "verb", "no verb", "scheme", "password", "header", "port", "active", "secret"],
)
def test_what_cannot_work_is_refused(hooks: Hooks, body: dict[str, Any], pointer: str) -> None:
    whole = {"name": "Sink", "entity": "asset", "url": "https://example.org/hook", **body}
    with pytest.raises(BadWebhook) as refused:
        save_webhook(hooks.world.engine, hooks.world.context("kay"), whole)
    assert [problem.path for problem in refused.value.problems] == [pointer]
