"""A rule published over records that break it: they are counted and listed, stay editable in other fields, and the rule
holds as soon as one of its fields is touched, by every way of writing."""

from collections.abc import Iterator
from typing import Any

import pytest
from publish_world import Workshop, workshop

from fieldstone.engine import records
from fieldstone.engine.imports import ImportOptions, run_import
from fieldstone.problems import FieldstoneError

MANY = 400
RULE = {
    "rules": [
        {
            "name": "coded_when_used",
            "when": "state == 'used' && isEmpty(code)",
            "field": "code",
            "message": "A used part needs its code",
        }
    ]
}


@pytest.fixture(scope="module")
def ruled(postgres_url: str) -> Iterator[Workshop]:
    """400 used parts without a code, and then a rule that asks for one."""
    with workshop(postgres_url, "pub-violating") as shop:
        operations = [
            records.Operation("create", None, {"label": f"Old {n}", "state": "used"}) for n in range(MANY)
        ]
        shop.engine.write(shop.context, lambda tx: records.batch(tx, "part", operations))
        plan = shop.plan(part=RULE)
        (change,) = [each for each in plan.changes if each.op == "rule"]
        assert change.facts["violating"] == MANY
        assert len(change.facts["samples"]) == 5
        shop.publish(plan)
        yield shop


def old(shop: Workshop) -> Any:
    return shop.listed("startsWith(label, 'Old')", to_repair=True)[0]


def test_they_are_listed_to_repair(ruled: Workshop) -> None:
    assert len(ruled.listed(to_repair=True)) == 200
    assert {each["state"] for each in ruled.listed(to_repair=True)} == {"used"}


def by_patch(shop: Workshop, record: Any, **values: Any) -> None:
    shop.change(record["id"], **values)


def by_batch(shop: Workshop, record: Any, **values: Any) -> None:
    operations = [records.Operation("update", record["id"], values)]
    shop.engine.write(shop.context, lambda tx: records.batch(tx, "part", operations))


def by_import(shop: Workshop, record: Any, **values: Any) -> None:
    head, row = (
        ",".join(["label", *values]),
        ",".join([record["label"], *("" if v is None else str(v) for v in values.values())]),
    )
    options = ImportOptions(mode="update", key=("label",))
    result = run_import(shop.engine, shop.context, "part", f"{head}\n{row}\n".encode(), "csv", options)
    if result.failed:
        raise FieldstoneError(result.errors[0].message, kind="invalid")


WAYS = {"patch": by_patch, "batch": by_batch, "import": by_import}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_other_fields_can_be_changed(ruled: Workshop, way: Any) -> None:
    record = old(ruled)
    way(ruled, record, count=7)
    assert ruled.record(record["id"])["count"] == 7


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_touching_a_field_of_the_rule_enforces_it(ruled: Workshop, way: Any) -> None:
    record = old(ruled)
    ruled.change(record["id"], code="C")
    with pytest.raises(FieldstoneError) as refused:
        by_patch(ruled, record, code=None)
    assert "needs its code" in str(refused.value.problems)
    ruled.change(record["id"], state="new", code=None)
    with pytest.raises(FieldstoneError, match=r"needs its code|invalid|problem|not|rule"):
        way(ruled, record, state="used")
    assert ruled.record(record["id"])["state"] == "new"


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_a_repaired_record_leaves_the_list(ruled: Workshop, way: Any) -> None:
    record = old(ruled)
    way(ruled, record, code="C-1")
    assert ruled.listed(f"id == '{record['id']}'", to_repair=True) == []


def test_a_new_record_must_follow_the_rule(ruled: Workshop) -> None:
    with pytest.raises(FieldstoneError):
        ruled.make(label="New", state="used")
