"""What a plan says: a row per kind of change, with its class and its facts; problems, seals and consent."""

from typing import Any

import pytest
from publish_world import Workshop

from fieldstone.engine import publish
from fieldstone.engine.publish import Change
from fieldstone.engine.publish.errors import ConsentNeeded, DraftInvalid, NothingToPublish, PlanStale


def props(**fields: Any) -> dict[str, Any]:
    return {"properties": fields}


CASES: dict[str, tuple[dict[str, Any], str, str, dict[str, Any]]] = {
    "add a field": (props(size={"type": "string"}), "add_field:part.size", "safe", {}),
    "add a required field": (
        {**props(size={"type": "string"}), "required": ["label", "size"]}, "tighten:part.size", "safe", {"violating": 4},
    ),
    "add a formula that is stored": (
        props(twice={"field": "formula", "formula": "count * 2", "stored": True}), "add_field:part.twice",
        "backfill", {"rows": 4},
    ),
    "rename a field": (
        props(code=None, mark={"type": "string", "renamedFrom": "code"}), "rename_field:part.code>mark", "safe", {},
    ),
    "drop a field": (props(code=None), "drop_field:part.code", "destructive", {"lost": 3}),
    "convert and lose": (props(code={"type": "integer"}), "convert:part.code", "destructive", {"lost": 1, "rows": 3}),
    "convert and keep": (props(count={"type": "string"}), "convert:part.count", "rewrite", {"lost": 0, "rows": 3}),
    "number to money": (props(weight={"field": "money"}), "convert:part.weight", "rewrite", {"lost": 0, "rows": 2}),
    "rename and convert": (
        props(code=None, mark={"type": "integer", "renamedFrom": "code"}), "convert:part.mark", "destructive", {"lost": 1},
    ),
    "another target": (props(spare={"target": "place"}), "retarget:part.spare", "destructive", {}),
    "unique": (props(label={"unique": True}), "unique:part.label", "safe", {"duplicates": 0}),
    "index": (props(count={"index": True}), "add_index:part.count", "safe", {}),
    "a lower maximum": (props(count={"maximum": 2}), "tighten:part.count", "safe", {"violating": 1}),
    "fewer options": (props(state={"enum": ["new", "used"]}), "tighten:part.state", "safe", {"violating": 1}),
    "a rule": (
        {"rules": [{"name": "counted", "when": "isEmpty(count)", "field": "count", "message": "Count it"}]},
        "rule:part.counted", "safe", {"violating": 1},
    ),
    "search more": (props(words={"search": True}), "search:part", "backfill", {"rows": 4}),
    "a label": (props(code={"title": "Mark"}), "document:entities/part", "safe", {}),
}  # fmt: skip


@pytest.mark.parametrize(("patch", "id", "cls", "facts"), CASES.values(), ids=CASES)
def test_a_change_has_its_class_and_facts_and_can_be_published_and_taken_back(
    shop: Workshop, patch: dict[str, Any], id: str, cls: str, facts: dict[str, Any]
) -> None:
    before = [dict(shop.record(each)) for each in shop.ids]
    plan = shop.plan(part=patch)
    assert not plan.problems, plan.problems
    found = {change.id: change for change in plan.changes}
    assert id in found, sorted(found)
    change: Change = found[id]
    assert change.cls == cls
    assert {name: change.facts.get(name) or 0 for name in facts} == facts
    base = plan.base
    assert shop.publish(plan, [each.id for each in plan.needing_consent]).revision == base + 1
    assert [shop.record(each)["label"] for each in shop.ids] == [each["label"] for each in before]
    shop.back(base)
    assert [dict(shop.record(each)) for each in shop.ids] == before


def test_new_and_removed_entities(shop: Workshop) -> None:
    crate = {
        "title": "Crate",
        "type": "object",
        "properties": {"name": {"type": "string"}, "in": {"field": "link", "target": "place"}},
    }
    first = shop.revision
    shop.go(crate=crate)
    kept = shop.make("crate", name="Blue")
    plan = shop.engine.read(shop.context, lambda tx: publish.rollback_plan(tx, first))
    (gone,) = [change for change in plan.changes if change.op == "drop_entity"]
    assert (gone.cls, gone.facts["rows"]) == ("destructive", 1)
    with_crate = shop.revision
    shop.back(first)
    assert "crate" not in shop.engine.read(shop.context, lambda tx: tx.model.entities)
    shop.back(with_crate)
    assert shop.record(kept, "crate")["name"] == "Blue"


def test_unique_over_duplicates_is_a_problem_that_names_them(shop: Workshop) -> None:
    plan = shop.plan(part=props(code={"unique": True}))
    (problem,) = plan.problems
    assert (problem.path, problem.code) == ("/properties/code/unique", "unique.duplicates")
    assert problem.data["duplicates"] == 1
    assert "7" in problem.message
    with pytest.raises(DraftInvalid):
        shop.publish(plan)
    shop.change(shop.ids[1], code="8")
    shop.publish(shop.plan(part=props(code={"unique": True})))


def test_without_consent_nothing_is_lost(shop: Workshop) -> None:
    plan = shop.plan(part=props(code=None))
    with pytest.raises(ConsentNeeded) as refused:
        shop.publish(plan)
    assert refused.value.data["changes"] == ["drop_field:part.code"]
    assert shop.record(shop.ids[0])["code"] == "7"
    assert shop.revision == plan.base


@pytest.mark.parametrize("meddle", ["draft", "publish"])
def test_a_seal_breaks_when_either_side_changes(shop: Workshop, meddle: str) -> None:
    plan = shop.plan(part=props(size={"type": "string"}))
    if meddle == "draft":
        shop.draft(part=props(size={"type": "string", "maxLength": 3}))
    else:
        shop.go(place=props(size={"type": "string"}))
        shop.draft(part=props(size={"type": "string"}))
    with pytest.raises(PlanStale):
        shop.publish(plan)
    assert "size" not in shop.record(shop.ids[0])


def test_equal_plans_have_equal_seals(shop: Workshop) -> None:
    patch = props(zz={"type": "string"}, aa={"type": "string"})
    assert shop.plan(part=patch).hash == shop.plan(part=patch).hash


def test_an_empty_plan_publishes_nothing(shop: Workshop) -> None:
    plan = shop.plan()
    assert plan.changes == ()
    with pytest.raises(NothingToPublish):
        shop.publish(plan)
    assert shop.revision == plan.base


def test_rights_to_the_last_administrator_cannot_be_published_away(shop: Workshop) -> None:
    """The base role of administrators manages everything, whatever a tenant says of it."""

    def work(tx: Any) -> None:
        publish.put_draft(tx, "roles", "administrator", {"manages": []})

    shop.engine.write(shop.context, work)
    plan = shop.engine.read(shop.context, publish.make_plan)
    assert plan.problems
    with pytest.raises(DraftInvalid):
        shop.publish(plan)
