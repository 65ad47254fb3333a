"""Who is away lets somebody decide: for some days and kinds of approvals, and only for themselves."""

from datetime import UTC, datetime, timedelta

import pytest
from approval_world import ApprovalWorld

from fieldstone.problems import FieldstoneError

TODAY = datetime.now(UTC).date()


@pytest.mark.parametrize(
    ("first", "last", "kinds", "goes"),
    [(0, 0, [], True), (-3, 3, ["buying"], True), (1, 3, [], False), (-3, -1, [], False), (-1, 1, ["other"], False)],
    ids=["today", "this kind", "tomorrow", "over", "another kind"],
)  # fmt: skip
def test_days_and_kinds_decide(
    company: ApprovalWorld, first: int, last: int, kinds: list[str], goes: bool
) -> None:
    body = {
        "delegate": str(company.users["bea"]), "workflows": kinds,
        "first_day": str(TODAY + timedelta(first)), "last_day": str(TODAY + timedelta(last)),
    }  # fmt: skip
    made = company.create("delegation", body, "ben")
    try:
        asset = company.asset(price="5000")
        company.submit(asset, "buying")
        company.act(company.task_of("cora", asset), "approve", "cora")
        who = "bea" if goes else "ben"
        done = company.act(company.task_of(who, asset), "approve", who)
        assert done["assignee"]["name"] == "Ben" and done["decided_by"]["name"] == who.title()
    finally:
        company.delete("delegation", made["id"], "ben")


def test_nobody_delegates_for_somebody_else(company: ApprovalWorld) -> None:
    body = {"user": str(company.users["ben"]), "delegate": str(company.users["ann"])}
    with pytest.raises(FieldstoneError):
        company.create("delegation", body, "ann")
    made = company.create("delegation", {"delegate": str(company.users["abe"])}, "ann")
    with pytest.raises(FieldstoneError):
        company.update("delegation", made["id"], {"user": str(company.users["ben"])}, "ann")
    with pytest.raises(FieldstoneError):
        company.read("delegation", made["id"], "abe")
    company.delete("delegation", made["id"], "ann")
