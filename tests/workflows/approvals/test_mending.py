"""What administrators do: let somebody leave, move runs to a new revision, try a definition out; and links in mails."""

from dataclasses import replace
from typing import Any

import pytest
from approval_world import ApprovalWorld

from fieldstone.metadata.approval_flows import Step
from fieldstone.problems import FieldstoneError
from fieldstone.workflows import approvals


def test_who_leaves_hands_everything_over_in_one_step(company: ApprovalWorld) -> None:
    dan = company.add_user("dan", "checker")
    company.create("role_grant", {"user": str(dan), "role": "clerk"})
    own = company.asset("dan")
    asset = company.asset()
    company.submit(asset, "all_sign")
    assert company.task_of("dan", asset)
    company.create("delegation", {"delegate": str(company.users["bea"])}, "dan")
    planned = company.look(lambda tx: approvals.leaving_plan(tx, dan), "ada")
    assert planned["records"] == {"asset": 1} and len(planned["tasks"]) == len(planned["delegations"]) == 1
    with pytest.raises(FieldstoneError):
        company.write(lambda tx: approvals.leave(tx, dan, company.users["bea"]), "ben")
    done = company.write(lambda tx: approvals.leave(tx, dan, company.users["bea"], comment="Moved"), "ada")
    assert done["records"] == {"asset": 1} and done["kept"] == {}
    assert company.read("user", dan)["active"] is False
    assert company.read("asset", own)["owner_id"] == company.users["bea"]
    company.act(company.task_of("bea", asset), "approve", "bea")
    again = company.look(lambda tx: approvals.leaving_plan(tx, dan), "ada")
    assert again["tasks"] == again["delegations"] == [] and again["records"] == {}


def test_running_runs_go_over_to_a_new_revision_or_say_why_not(company: ApprovalWorld) -> None:
    easy, hard = company.asset(price="5000"), company.asset(price="5000")
    runs = [company.submit(each, "buying")["id"] for each in (easy, hard)]
    company.act(company.task_of("cora", hard), "approve", "cora")
    models, tenant = company.engine.models, company.tenant
    model = company.look(lambda tx: tx.model)
    definition = model.workflows["buying"]
    check = replace(definition.steps[0], name="look")
    changed = replace(definition, steps=(check, Step("told", "end", "Told")))
    following = replace(model, workflows={**model.workflows, "buying": changed}, hash=f"{model.hash}-moved")
    models.put(tenant, 2, following)

    def later(work: Any, who: str = "ada") -> Any:
        """At a revision 2, without publishing one."""
        context = company.context(who)

        def there(tx: Any) -> Any:
            return work(replace(tx, context=context.at(2), model=following))

        return company.engine.write(context, there)

    plan = later(lambda tx: approvals.moving_plan(tx, "buying"))
    mine = {each["run"]: each for each in plan["runs"] if each["run"] in runs}
    assert mine[runs[0]]["obstacles"] == {"check": "absent"} and mine[runs[0]]["at"] == ["check"]
    plan = later(lambda tx: approvals.moving_plan(tx, "buying", {"check": "look"}))
    mine = {each["run"]: each["obstacles"] for each in plan["runs"] if each["run"] in runs}
    assert mine[runs[0]] == {} and mine[runs[1]]
    done = later(lambda tx: approvals.move(tx, "buying", {"check": "look"}, "New rules", runs))
    assert done["moved"] == [runs[0]] and [each["run"] for each in done["kept"]] == [runs[1]]
    task = company.task_of("cleo", easy)
    assert company.look(lambda tx: approvals.task(tx, task), "cleo")["step"] == "look"
    company.act(task, "approve", "cleo")
    assert company.trail(easy)[0]["state"] == "approved"
    with pytest.raises(FieldstoneError):
        later(lambda tx: approvals.move(tx, "buying", {}, "", None), "ben")
    company.write(lambda tx: approvals.withdraw(tx, runs[1]), "ann")


def test_a_definition_is_tried_on_records_as_they_were_submitted(company: ApprovalWorld) -> None:
    made = [company.asset(label="Trial", price=price) for price in ("100", "200", "9000")]
    run = company.submit(made[2], "buying")
    company.write(lambda tx: approvals.withdraw(tx, run["id"]), "ann")
    company.update("asset", made[2], {"price": "1"})
    company.asset(label="Trial", pieces=0)
    found = company.look(lambda tx: approvals.simulate(tx, "buying", 'label == "Trial"'), "ada")
    assert (found["records"], found["not_submitted"], found["as_submitted"]) == (4, 1, 1)
    assert [(way["count"], len(way["steps"])) for way in found["ways"]] == [(2, 1), (1, 2)]
    assert found["ways"][1]["examples"] == [made[2]]
    with pytest.raises(FieldstoneError):
        company.look(lambda tx: approvals.simulate(tx, "buying"), "ben")


def test_a_link_decides_once_and_only_for_its_person(company: ApprovalWorld) -> None:
    asset = company.asset()
    company.submit(asset, "any_sign")
    task = company.task_of("cora", asset)
    token = company.write(lambda tx: approvals.task_link(tx, task, company.users["cora"]))

    def use(who: str, action: str = "approve") -> Any:
        return company.write(
            lambda tx: approvals.decide_by_link(tx, token, action, {"comment": "By mail"}), who
        )

    assert company.look(lambda tx: approvals.task_of_link(tx, token)).task == task
    for who, action in (("cleo", "approve"), ("cora", "transfer")):
        with pytest.raises(FieldstoneError) as error:
            use(who, action)
        assert error.value.code == "link.invalid"
    assert use("cora")["state"] == "approved"
    for again in (lambda: use("cora"), lambda: company.look(lambda tx: approvals.task_of_link(tx, token))):
        with pytest.raises(FieldstoneError) as error:
            again()
        assert error.value.code == "link.invalid"
