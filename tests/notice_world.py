"""A tenant with people who are told of things, and a mail server that takes what is sent to them."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from mail_server import MailServer, mail_server
from record_world import RecordWorld, package, record_world

from fieldstone.engine.jobs import Job, due_jobs, jobs_of
from fieldstone.engine.mail import save_mail
from fieldstone.engine.storage import control
from fieldstone.engine.storage.connection import compile_plan
from fieldstone.workflows import JobKind, Runner
from fieldstone.workflows.notifications import Notice, notification_jobs, notify
from fieldstone.workflows.notifications.store import COLUMNS, Told, told

ENTITY = {
    "title": "Asset",
    "type": "object",
    "titleField": "label",
    "properties": {
        "label": {"type": "string"},
        "cost": {"field": "decimal"},
        "status": {"oneOf": [{"const": "new", "title": "Brand new"}, {"const": "old", "title": "Old"}]},
        "due": {"type": "string", "format": "date"},
    },
}
DOCUMENTS: Mapping[str, Any] = {
    "entities/asset": ENTITY,
    "roles/reader": {"entities": [{"name": "asset", "verbs": {"read": "all"}, "hidden": ["cost"]}]},
    "roles/owner": {"entities": [{"name": "asset", "verbs": {"read": "own", "update": "own"}}]},
}


@dataclass
class NoticeWorld:
    """`ann` reads every asset but not its cost, in English in Tokyo; `mei` does in Chinese; `ben` reads his own."""

    world: RecordWorld
    server: MailServer
    asset: UUID

    def tell(self, *names: str, **named: Any) -> UUID | None:
        """Tell people of the asset."""
        receivers = tuple(self.world.users[name] for name in names)
        given = {"kind": "assigned", "template": "assigned", "entity": "asset", "record": self.asset, **named}
        return self.world.write(lambda tx: notify(tx, Notice(receivers=receivers, **given)))

    def rows(self, notice: UUID | None) -> dict[str, Told]:
        names = {user: name for name, user in self.world.users.items()}
        statement = sa.select(*COLUMNS).where(control.notification.c.notice == notice)
        found = told(self.world.look(lambda tx: tx.select(statement)))
        return {names[row.receiver]: row for row in found}

    def kinds(self) -> Mapping[str, JobKind]:
        return notification_jobs(lambda: self.server.egress)

    def work(self, kinds: Mapping[str, JobKind] | None = None) -> None:
        """Run what is due, and what that makes due."""
        runner = Runner(self.world.engine, kinds or self.kinds())
        for _ in range(50):
            with self.world.engine.database.connection() as connection:
                waiting = due_jobs(connection)
            if not waiting:
                return
            for job_id in waiting:
                runner.run(job_id)
        raise AssertionError("the jobs never end")

    def jobs(self, kind: str) -> list[Job]:
        with self.world.engine.database.connection() as connection:
            return [job for job in jobs_of(connection, self.world.tenant) if job.kind == kind]

    def hasten(self, job_id: UUID) -> None:
        """Make a job due now."""
        statement = sa.update(control.job).where(control.job.c.id == job_id)
        with self.world.engine.database.connection() as connection:
            connection.fetch(compile_plan(statement.values(due_at=sa.func.now() - timedelta(seconds=1))))


@contextmanager
def notice_world(url: str, name: str, more: Iterable[Any] = ()) -> Iterator[NoticeWorld]:
    with mail_server() as server, record_world(url, name, [package("stock", DOCUMENTS), *more]) as world:
        for who, roles in {"ann": ("reader",), "ben": ("owner",), "mei": ("reader",)}.items():
            world.add_user(who, *roles)
        world.update("user", world.users["ann"], {"time_zone": "Asia/Tokyo"})
        world.update("user", world.users["mei"], {"locale": "zh-Hans", "time_zone": "Asia/Shanghai"})
        save_mail(world.engine, world.context(), {
            "host": "127.0.0.1", "port": server.port, "security": "none", "sender": "desk@works.example",
            "sender_name": "Works", "site": "https://works.example",
        })  # fmt: skip
        asset = world.create("asset", {"label": "Lathe", "cost": "900", "status": "new", "due": "2026-06-30"})
        yield NoticeWorld(world, server, asset["id"])
