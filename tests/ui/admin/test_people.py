"""People: invited, let in, given roles, disabled; and the administrator who must stay."""

import re
from uuid import UUID, uuid4

import pytest
from mail_server import MailServer
from ui_world import World, token_of

from fieldstone.engine.identity.roster import Member, roster
from fieldstone.ui.admin.letters import send_reset

from .conftest import Visitor

PASSWORD = "copper kettle 41"


def people(office: World) -> dict[str, Member]:
    with office.services.engine.database.connection() as connection:
        return {each.username: each for each in roster(connection, office.tenant)}


def link_in(html: str) -> str:
    found = re.search(r"https?://[^<\s]+(/t/[^<\s]+/link/[^<\s]+)", html)
    assert found, html
    return found[1]


def invited(office: World, boss: Visitor, name: str, **fields: object) -> tuple[UUID, str]:
    answer = boss.post("admin/people", name=name.title(), username=name, by="link", **fields)
    assert answer.status_code == 200
    return people(office)[name].id, link_in(answer.text)


def accept(office: World, link: str, password: str = PASSWORD) -> int:
    answer = office.app.test_client().post(link, data={"new": password, "again": password})
    return int(answer.status_code)


def test_an_invitation_lets_in_once_with_its_roles(office: World, boss: Visitor) -> None:
    _, link = invited(office, boss, "noa", roles=["reader"], email="noa@example.org")
    assert people(office)["noa"].state == "invited"
    assert "noa" in office.app.test_client().get(link).text
    assert accept(office, link) == 303
    assert accept(office, link) == 404
    member = people(office)["noa"]
    assert (member.state, member.roles) == ("active", ("reader",))
    answer = Visitor(office, "noa@example.org", PASSWORD).get("e/loan")
    assert answer.status_code == 200, answer.text


def test_a_new_link_makes_the_former_one_void(office: World, boss: Visitor) -> None:
    user, link = invited(office, boss, "ned")
    second = link_in(boss.post(f"admin/people/{user}/link", by="link").text)
    assert accept(office, link) == 404
    assert accept(office, second) == 303


def test_who_is_disabled_is_out_at_once_and_back_when_enabled(office: World, boss: Visitor) -> None:
    user, link = invited(office, boss, "nils")
    accept(office, link)
    nils = Visitor(office, "nils", PASSWORD)
    assert boss.post(f"admin/people/{user}/disable").status_code == 303
    assert people(office)["nils"].state == "disabled"
    assert nils.get("account").status_code == 303
    with pytest.raises(AssertionError):
        Visitor(office, "nils", PASSWORD)
    boss.post(f"admin/people/{user}/enable")
    assert nils.get("account").status_code == 303
    assert Visitor(office, "nils", PASSWORD).get("account").status_code == 200


@pytest.mark.parametrize(("path", "fields"), [("disable", {}), ("roles/take", {"role": "administrator"})])
def test_the_last_administrator_stays_and_the_page_says_why(
    office: World, boss: Visitor, path: str, fields: dict[str, str]
) -> None:
    admin = people(office)["admin"].id
    answer = boss.post(f"admin/people/{admin}/{path}", **fields)
    assert answer.status_code == 422
    assert "This is the last administrator." in answer.text
    member = people(office)["admin"]
    assert (member.state, member.roles) == ("active", ("administrator",))


def test_roles_are_given_and_taken(office: World, boss: Visitor) -> None:
    user, _ = invited(office, boss, "nora")
    boss.post(f"admin/people/{user}/roles", role="librarian")
    boss.post(f"admin/people/{user}/roles", role="reader")
    boss.post(f"admin/people/{user}/roles/take", role="reader")
    assert people(office)["nora"].roles == ("librarian",)
    assert boss.post(f"admin/people/{user}/roles", role="no_such").status_code == 422


def test_a_name_or_address_in_use_is_told_and_what_was_typed_stays(office: World, boss: Visitor) -> None:
    invited(office, boss, "nell", email="nell@example.org")
    answer = boss.post(
        "admin/people", name="Second Nell", username="NELL", email="nell@example.org", roles=["reader"]
    )
    assert answer.status_code == 422
    alert = re.search(r"alert.>([^<]+)", answer.text)
    assert alert
    assert "already in use" in alert[1]
    assert 'value="Second Nell"' in answer.text
    assert re.search(r'value="reader" checked', answer.text)
    assert len([name for name in people(office) if name.lower() == "nell"]) == 1


def test_who_manages_nothing_finds_no_administration(office: World, boss: Visitor) -> None:
    user, link = invited(office, boss, "nemo", roles=["reader"])
    accept(office, link)
    nemo = Visitor(office, "nemo", PASSWORD)
    assert "/admin" not in nemo.get("").text
    for path in ("admin", "admin/company", "admin/people", f"admin/people/{user}", "admin/teams", "admin/roles", "admin/mail",
                 "admin/audit", "admin/jobs"):  # fmt: skip
        assert nemo.get(path).status_code == 403, path
    before = people(office)
    for path, fields in (
        ("admin/people", {"name": "x"}), (f"admin/people/{user}/roles", {"role": "administrator"}),
        (f"admin/people/{before['admin'].id}/disable", {}), (f"admin/people/{before['admin'].id}/link", {}),
        ("admin/company", {"name": "x"}), ("admin/demo/remove", {}), ("admin/mail", {"host": "x"}), ("admin/teams", {"name": "x"}),
        (f"admin/jobs/{uuid4()}/stop", {}), ("admin/company/logo/remove", {}), ("admin/mail/remove", {}),
    ):  # fmt: skip
        assert nemo.post(path, **fields).status_code == 403, path
    assert people(office) == {**before, "nemo": people(office)["nemo"]}


def test_an_unknown_person_is_no_page(boss: Visitor) -> None:
    assert boss.get(f"admin/people/{uuid4()}").status_code == 404
    assert boss.post(f"admin/people/{uuid4()}/link").status_code == 404


def test_a_forgotten_password_is_answered_alike_and_by_mail(
    office: World, boss: Visitor, postbox: MailServer
) -> None:
    _, link = invited(office, boss, "nina", email="nina@example.org")
    accept(office, link)
    client = office.app.test_client()
    answers = [
        client.post(f"{base}/forgot", data={"username": name}).text
        for base, name in [(office.base, "nina"), (office.base, "nobody"), ("/t/no-such", "nina")]
    ]
    assert (
        answers[0]
        == answers[1]
        == answers[2].replace("/t/no-such", office.base).replace(">N</span>", ">U</span>")
    )
    save_mail_settings(boss, postbox)
    engine = office.services.engine
    assert send_reset(engine, office.tenant, "nobody", office.services.egress) is False
    assert send_reset(engine, office.tenant, "nina", office.services.egress) is True
    letter = postbox.letters[-1].get_content()
    assert "https://books.example.org" + office.base + "/link/" in letter
    assert accept(office, link_in(letter.replace("https://", "http://")), "silver bucket 17") == 303
    Visitor(office, "nina", "silver bucket 17")


def save_mail_settings(boss: Visitor, postbox: MailServer, **changes: object) -> None:
    fields = {
        "host": "localhost", "port": postbox.port, "security": "none", "username": "post", "password": "right one",
        "sender": "office@example.org", "sender_name": "Office", "site": "https://books.example.org", **changes,
    }  # fmt: skip
    assert boss.post("admin/mail", **fields).status_code == 303


def test_an_invitation_goes_by_mail_or_says_why_not(
    office: World, boss: Visitor, postbox: MailServer
) -> None:
    save_mail_settings(boss, postbox)
    answer = boss.post("admin/people", name="Nadia", email="nadia@example.org", by="mail")
    assert "A mail is on its way to nadia@example.org." in answer.text
    letter = postbox.letters[-1]
    assert letter["To"].addresses[0].addr_spec == "nadia@example.org"
    assert "/link/fsl_" in letter.get_content()
    boss.post(
        "admin/mail",
        host="localhost",
        port=1,
        security="none",
        sender="o@example.org",
        site="https://b.example.org",
    )
    answer = boss.post("admin/people", name="Nestor", email="nestor@example.org", by="mail")
    assert answer.status_code == 200
    assert "/link/fsl_" in answer.text
    assert "private network" in answer.text
    assert token_of(answer.text) == boss.token
