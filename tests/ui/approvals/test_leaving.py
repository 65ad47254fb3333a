"""Disabling somebody: what the person has is shown first, and goes to others in one step."""

from .conftest import Office, Visitor


def test_what_somebody_has_is_shown_and_goes_over_in_one_step(office: Office, ada: Visitor) -> None:
    company = office.company
    gus = company.add_user("gus", "boss", "clerk")
    owned = company.asset("gus", label="Owned by Gus")
    asset = company.asset(label="Waits for Gus")
    company.submit(asset, "guarded")
    company.create(
        "delegation",
        {"user": str(company.users["bea"]), "delegate": str(gus), "first_day": "2020-01-01", "last_day": "2020-01-02"},
    )  # fmt: skip
    address = f"admin/people/{gus}/disable"
    assert f"/{address}" in ada.get(f"admin/people/{gus}").text
    page = ada.get(address).text
    for text in ("Waits for Gus", "Guarded", "One delegation", "Assets", "one record", "Who takes over"):
        assert text in page, text
    wrong = ada.post(address, to=str(gus), comment="Thanks")
    assert wrong.status_code == 422
    assert "Choose somebody else who is active." in wrong.text
    assert 'value="Thanks"' in wrong.text
    assert company.read("user", gus)["active"] is True
    done = ada.post(address, to=str(company.users["ben"]), comment="Moved away")
    assert done.status_code == 303
    assert "approvals: 1, records: 1" in ada.get(f"admin/people/{gus}").text
    assert company.read("user", gus)["active"] is False
    assert str(company.read("asset", owned)["owner_id"]) == str(company.users["ben"])
    assert [task["record"] for task in company.waiting("ben")].count(asset) == 1


def test_who_has_nothing_is_disabled_without_questions(office: Office, ada: Visitor) -> None:
    user = office.company.add_user("gil", "stranger")
    page = ada.get(f"admin/people/{user}/disable").text
    assert "Nothing hangs on this account" in page
    assert 'name="to"' not in page
    assert ada.post(f"admin/people/{user}/disable").status_code == 303
    assert office.company.read("user", user)["active"] is False
