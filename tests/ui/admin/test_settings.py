"""Company, mail, teams, roles, the log, jobs, keys and sessions: each page does what it offers."""

import base64
import io
import re
from uuid import UUID

import pytest
from mail_server import MailServer
from ui_world import World

from fieldstone.engine.jobs import claim, enqueue, fail, jobs_of, note_refused
from fieldstone.engine.mail import mail_settings
from fieldstone.workflows.schedules import Schedule, set_schedules

from .conftest import Visitor

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)  # one pixel
COMPANY = {"name": "Town Library", "currency": "TWD", "time_zone": "Asia/Taipei", "language": "zh-Hant",
           "languages": ["en", "zh-Hant"], "fiscal_year_start": "7"}  # fmt: skip


def done(html: str) -> set[str]:
    """The items of the checklist that are ticked."""
    return set(re.findall(r"<li data-done>.*?fs-row-text\">([^<]+)<", html, re.S))


def test_the_checklist_ticks_what_is_stored(office: World, boss: Visitor) -> None:
    before = done(boss.get("admin").text)
    assert "Choose the currency" not in before
    assert boss.post("admin/company", **COMPANY, logo=(io.BytesIO(PNG), "logo.png")).status_code == 303
    company = office.system().company
    assert (company.name, company.currency, company.languages) == ("Town Library", "TWD", ("zh-Hant", "en"))
    after = done(boss.get("admin").text)
    assert {"Give the company its name", "Add a logo", "Choose the currency", "Choose the time zone",
            "Choose the languages", "Say when the fiscal year starts"} <= after  # fmt: skip
    assert "Invite people" in boss.get("").text
    logo = boss.get("logo")
    assert (logo.mimetype, logo.data) == ("image/png", PNG)


@pytest.mark.parametrize(
    ("changes", "words"),
    [({"currency": "XYZ"}, "Choose a currency"), ({"name": " "}, "Give the company"), ({"fiscal_year_start": "x"}, "month"),
     ({"language": "fr"}, "language"), ({"time_zone": "x"}, "time zone")],
)  # fmt: skip
def test_settings_that_cannot_be_are_told(
    office: World, boss: Visitor, changes: dict[str, str], words: str
) -> None:
    before = office.system().company
    answer = boss.post("admin/company", **{**COMPANY, **changes})
    assert answer.status_code == 422
    assert words in re.search(r'role="alert">([^<]+)', answer.text)[1]  # type: ignore[index]
    assert office.system().company == before


def test_a_logo_that_is_no_picture_is_refused(boss: Visitor) -> None:
    answer = boss.post("admin/company", **COMPANY, logo=(io.BytesIO(b"<svg/>"), "logo.png"))
    assert answer.status_code == 422
    assert "picture of at most 1 MB" in answer.text


def test_the_mail_password_is_never_shown_and_kept_only_for_its_server(
    office: World, boss: Visitor, postbox: MailServer
) -> None:
    fields = {"host": "localhost", "port": postbox.port, "security": "none", "username": "post", "password": "right one",
              "sender": "office@example.org", "sender_name": "", "site": "https://books.example.org"}  # fmt: skip

    def stored() -> str:
        with office.services.engine.database.connection() as connection:
            found = mail_settings(connection, office.tenant)
        assert found is not None
        return found.password

    boss.post("admin/mail", **fields)
    assert "right one" not in boss.get("admin/mail").text
    boss.post("admin/mail", **{**fields, "password": "", "sender_name": "Office"})
    assert stored() == "right one"
    answer = boss.post("admin/mail/test", to="me@example.org")
    assert "The mail server took a mail to me@example.org." in answer.text
    assert postbox.letters[-1]["Subject"] == f"Test mail from {office.system().company.name}"
    boss.post("admin/mail", **{**fields, "password": "", "host": "evil.example.org"})
    assert stored() == ""
    boss.post("admin/mail", **{**fields, "password": "wrong"})
    answer = boss.post("admin/mail/test", to="me@example.org")
    assert answer.status_code == 422
    assert "535" in answer.text
    answer = boss.post("admin/mail", **{**fields, "port": "0", "sender": "nobody"})
    assert "Give a port" in answer.text
    assert "address that mail comes from" in answer.text


def test_teams_are_made_moved_and_never_below_themselves(office: World, boss: Visitor) -> None:
    boss.post("admin/teams", name="North", kind="branch")
    north = team_id(boss, "North")
    boss.post("admin/teams", name="Harbour", parent=str(north))
    harbour = team_id(boss, "Harbour")
    page = boss.get("admin/teams").text
    assert page.index("North") < page.index("Harbour")
    assert f'value="{north}"' not in boss.get(f"admin/teams/{north}").text
    answer = boss.post(f"admin/teams/{north}", name="North", kind="branch", parent=str(harbour), active="yes")
    assert answer.status_code == 422
    boss.post(f"admin/teams/{harbour}", name="Port", kind="team", parent="", active="yes")
    assert "Port" in boss.get("admin/teams").text
    assert boss.post("admin/teams", name="").status_code == 422


def team_id(boss: Visitor, name: str) -> UUID:
    found = re.search(rf'admin/teams/([0-9a-f-]{{36}})"><b>{name}<', boss.get("admin/teams").text)
    assert found
    return UUID(found[1])


def test_roles_show_reach_hidden_fields_and_layer(boss: Visitor) -> None:
    listed = boss.get("admin/roles").text
    assert "admin/roles/librarian" in listed
    page = boss.get("admin/roles/reader").text
    assert 'data-reach="all"' in page
    assert "Layer: library" in page
    assert boss.get("admin/roles/nothing").status_code == 404


def test_the_log_is_narrowed_by_event_person_and_day(boss: Visitor) -> None:
    boss.post("account/keys", name="for the log", days="30")
    page = boss.get("admin/audit", event="key.created").text
    assert "for the log" in page
    assert "Signed in" not in re.sub(r"<select.*?</select>", "", page, flags=re.S)
    assert "No entry fits" in boss.get("admin/audit", to="2001-01-01").text
    assert boss.get("admin/audit", who="nonsense", before="x", **{"from": "31.12."}).status_code == 200
    assert "No entry fits" in boss.get("admin/audit", event="x' or 1=1").text


def test_a_job_is_stopped_and_run_again(office: World, boss: Visitor) -> None:
    job = office.services.engine.write(office.system(), lambda tx: enqueue(tx, "import", {"import": "none"}))

    def state() -> str:
        with office.services.engine.database.connection() as connection:
            return next(each.state for each in jobs_of(connection, office.tenant) if each.id == job)

    assert str(job) in boss.get("admin/jobs", state="due").text
    boss.post(f"admin/jobs/{job}/stop")
    assert state() == "stopped"
    boss.post(f"admin/jobs/{job}/replay")
    assert state() == "due"
    boss.post(f"admin/jobs/{job}/replay")
    assert "nothing was done" in boss.get("admin/jobs").text


def test_failed_jobs_of_a_kind_run_again_together_and_what_recurs_is_listed(
    office: World, boss: Visitor
) -> None:
    engine, schedule = office.services.engine, Schedule("stocktaking", "note", "0 7 * * 1", days="working")
    for kind in ("printing", "printing", "binding"):
        job = engine.write(office.system(), lambda tx, kind=kind: enqueue(tx, kind, {}))  # type: ignore[misc]
        with engine.database.connection() as connection:
            taken = claim(connection, job)
            assert taken is not None
            fail(connection, taken, f"no paper for {kind}", None)
    page = boss.get("admin/jobs", state="dead", kind="printing").text
    assert "no paper for printing" in page and "no paper for binding" not in page
    assert "Run 2 failed jobs again" in page
    assert boss.post("admin/jobs/replay", kind="printing").status_code == 303
    assert "2 jobs run again." in boss.get("admin/jobs").text
    assert "Run 1 failed job again" in boss.get("admin/jobs", before="nonsense").text
    engine.write(office.system(), lambda tx: set_schedules(tx, "automation/count", [schedule]))
    with engine.database.connection() as connection:
        note_refused(connection, "<b>stranger", "it cannot be read")
    page = boss.get("admin/jobs").text
    assert "stocktaking" in page and "0 7 * * 1" in page and "on working days only" in page
    assert "&lt;b&gt;stranger" in page


def test_a_key_is_shown_once_works_and_ends(office: World, boss: Visitor) -> None:
    page = boss.post("account/keys", name="robot", days="").text
    secret = re.search(r"fs_[A-Za-z0-9_-]{43}", page)
    assert secret
    again = boss.get("account").text
    assert secret[0] not in again
    key = re.search(r'id="key-([0-9a-f-]{36})"[^>]*>.{0,400}robot', again, re.S)
    assert key
    assert boss.post(f"account/keys/{key[1]}/revoke").status_code == 303
    assert key[1] not in boss.get("account").text
    assert boss.post(f"account/keys/{key[1]}/revoke").status_code == 404


def test_another_session_is_ended(office: World, boss: Visitor) -> None:
    other = Visitor(office, "admin", office.password)
    ids = re.findall(r"account/sessions/([0-9a-f-]{36})/end", other.get("account").text)
    mine = re.findall(r"account/sessions/([0-9a-f-]{36})/end", boss.get("account").text)
    (others_own,) = set(mine) - set(ids)
    assert boss.post(f"account/sessions/{others_own}/end").status_code == 303
    assert other.get("account").status_code == 303


def test_language_and_time_zone_are_ones_own(boss: Visitor) -> None:
    assert boss.post("account", locale="ja", time_zone="Asia/Tokyo").status_code == 303
    assert 'lang="ja"' in boss.get("account").text
    assert boss.post("account", locale="", time_zone="Moon/Base").status_code == 422
    boss.post("account", locale="en", time_zone="")
    assert 'lang="en"' in boss.get("account").text


def test_demo_data_goes_and_the_item_is_done(boss: Visitor) -> None:
    assert 'id="demo"' in boss.get("admin").text
    assert boss.post("admin/demo/remove").status_code == 303
    page = boss.get("admin").text
    assert 'id="demo"' not in page
    assert "Remove the demo data" in done(page)
