"""The page of a mail's link: it shows without a session, decides once by its button, and says what became of it."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from mail_server import mail_server

from fieldstone.app.job_kinds import action_link
from fieldstone.engine.identity import set_password
from fieldstone.engine.jobs import Job, jobs_of
from fieldstone.engine.mail import save_mail
from fieldstone.workflows import Runner, approvals
from fieldstone.workflows.notifications import notification_jobs

from .conftest import PASSWORD, Office


def link(office: Office, who: str, workflow: str = "any_sign", **more: Any) -> tuple[UUID, str]:
    """A record in approval, and the address of a link to its task for somebody."""
    company = office.company
    asset = company.asset(label="Lathe <2>", price="1234.5")
    company.submit(asset, workflow, comment="We need it soon")
    task = company.task_of(who, asset)
    token = company.write(lambda tx: approvals.task_link(tx, task, company.users[who], **more))
    return asset, f"{office.base}/decide/{token}"


def test_opening_shows_and_only_the_button_decides_once(office: Office) -> None:
    asset, url = link(office, "cora", "buying")
    client = office.client()
    for _ in range(2):
        page = client.get(url)
        assert page.status_code == 200
        for text in ("Lathe &lt;2&gt;", "Buying", "We need it soon", "1,234.50", 'value="approve"'):
            assert text in page.text, text
        assert "fs-nav" not in page.text
        assert "session" not in page.headers.get("Set-Cookie", "")
    version = page.text.split('name="version" value="')[1].split('"')[0]
    refused = client.post(url, data={"action": "reject", "version": version})
    assert refused.status_code == 422
    assert "alert" in refused.text
    assert client.post(url, data={"action": "transfer", "to": "x"}).status_code == 409
    assert client.post(url, data={"action": "approve"}, headers={"Origin": "http://evil"}).status_code == 403
    assert office.company.trail(asset)[0]["state"] == "running"
    done = client.post(url, data={"action": "reject", "version": version, "comment": "Too dear"})
    assert done.status_code == 303
    assert done.location.endswith(url)
    for answer in (client.get(url), client.post(url, data={"action": "approve"})):
        assert "rejected by Cora" in answer.text
        assert "Too dear" in answer.text
        assert "<form" not in answer.text
    assert office.company.trail(asset)[0]["state"] == "rejected"


def test_who_comes_second_is_told_who_decided(office: Office) -> None:
    asset, url = link(office, "cora")
    page = office.client().get(url)
    assert 'value="approve"' in page.text
    office.company.act(office.company.task_of("cleo", asset), "approve", "cleo")
    answer = office.client().post(url, data={"action": "reject", "comment": "no"})
    assert answer.status_code == 409
    assert "approved by Cleo" in office.client().get(url).text


def test_old_forged_and_disabled_peoples_links_lead_to_the_same_page(office: Office) -> None:
    _, old = link(office, "cora", life=timedelta(seconds=-1))
    company = office.company
    visitor = company.add_user("cyd", "checker")
    _, theirs = link(office, "cyd")
    company.update("user", visitor, {"active": False})
    client = office.client()
    pages = set()
    for url in (old, theirs, f"{office.base}/decide/fst_nothing"):
        for answer in (client.get(url), client.post(url, data={"action": "approve"})):
            assert answer.status_code == 404
            pages.add(answer.text)
    assert len(pages) == 1
    assert "leads nowhere" in pages.pop()
    assert client.get("/t/no-such/decide/fst_nothing").status_code == 404


def test_a_step_that_asks_for_a_password_does_so_by_link(office: Office) -> None:
    company = office.company
    asset = company.asset(label="Kiln", secretive="x")
    company.submit(asset, "guarded")
    with company.engine.database.connection() as connection:
        set_password(connection, company.tenant, company.users["bea"], PASSWORD)
    task = company.task_of("bea", asset)
    token = company.write(lambda tx: approvals.task_link(tx, task, company.users["bea"]))
    client, url = office.client(), f"{office.base}/decide/{token}"
    assert 'type="password"' in client.get(url).text
    for password in ("", "wrong one"):
        assert client.post(url, data={"action": "approve", "password": password}).status_code == 422
    assert client.post(url, data={"action": "approve", "password": PASSWORD}).status_code == 303
    assert "approved by Bea" in client.get(url).text


@pytest.mark.parametrize("who", ["cora", "ann", None])
def test_a_mail_has_a_link_only_for_who_can_decide(office: Office, who: str | None) -> None:
    company = office.company
    asset = company.asset()
    company.submit(asset, "any_sign")
    task = company.task_of("cora", asset)
    if who is None:
        company.act(task, "approve", "cora")
    path = company.write(lambda tx: approvals.link_path(tx, task, company.users[who or "cora"]))
    assert (path is not None) == (who == "cora")
    if path is not None:
        assert office.client().get(f"{office.base}/{path}").status_code == 200


def due(office: Office) -> list[Job]:
    with office.company.engine.database.connection() as connection:
        return [job for job in jobs_of(connection, office.company.tenant) if job.state == "due"]


def test_the_mail_of_who_is_asked_carries_a_link_that_decides(office: Office) -> None:
    company = office.company
    with mail_server() as server:
        save_mail(company.engine, company.context(), {
            "host": "127.0.0.1", "port": server.port, "security": "none", "sender": "desk@works.example",
            "sender_name": "Works", "site": "https://works.example",
        })  # fmt: skip
        before = {job.id for job in due(office)}
        asset = company.asset(label="Mailed")
        company.submit(asset, "guarded")
        runner = Runner(company.engine, notification_jobs(lambda: server.egress, action_link))
        for kind in ("notice", "notice.mail"):
            for job in due(office):
                if job.kind == kind and job.id not in before:
                    runner.run(job.id)
        letters = [str(each.get_body(("plain",)).get_content()) for each in server.letters]
    mine = [text for text in letters if "Mailed" in text]
    assert mine
    for text in mine:
        found = re.search(rf"https://works.example({office.base}/decide/\S+)", text)
        assert found, text
        assert "Mailed" in office.client().get(found[1]).text
