"""What follows from a publish in records that nobody writes: computed values, money's companions, sort keys."""

from decimal import Decimal
from typing import Any

from publish_world import Workshop


def props(**fields: Any) -> dict[str, Any]:
    return {"properties": fields}


DOUBLE = {"field": "formula", "formula": "coalesce(weight, 0.0) * 2", "stored": True}


def test_a_stored_formula_over_a_converted_field_is_computed_anew(shop: Workshop) -> None:
    shop.go(part=props(double=DOUBLE))
    assert [shop.record(each)["double"] for each in shop.ids[:2]] == [Decimal("3.000"), Decimal("4.000")]
    plan = shop.plan(part=props(double=DOUBLE, weight={"type": "integer", "field": "integer", "scale": None}))
    assert "recompute:part.double" in {change.id for change in plan.changes}
    shop.publish(plan, [each.id for each in plan.needing_consent])
    assert [shop.record(each)["double"] for each in shop.ids[:2]] == [0, 4]


def test_so_is_one_that_reads_another_formula_whose_text_changes(shop: Workshop) -> None:
    def formulas(half: str) -> dict[str, Any]:
        return props(
            half={"field": "formula", "formula": half},
            three={"field": "formula", "formula": "coalesce(half, 0.0) * 3", "stored": True},
        )

    shop.go(part=formulas("weight / 2"))
    assert shop.record(shop.ids[1])["three"] == 3
    shop.go(part=formulas("weight / 4"))
    assert shop.record(shop.ids[1])["three"] == Decimal("1.5")


def test_so_is_a_rollup_over_a_converted_field(shop: Workshop) -> None:
    place = shop.make("place", name="Here")
    for each in shop.ids:
        shop.change(each, place=str(place))
    rollup = {"field": "rollup", "rollup": {"of": "part.place", "fn": "sum", "value": "weight"}}
    shop.go(place=props(total=rollup))
    assert shop.record(place, "place")["total"] == Decimal("3.5")
    shop.go(place=props(total=rollup), part=props(weight={"field": "integer", "scale": None}))
    assert shop.record(place, "place")["total"] == 2


def test_numbers_that_become_money_have_the_currency_of_the_tenant(shop: Workshop) -> None:
    shop.go(part=props(weight={"field": "money"}))
    record = shop.record(shop.ids[0])
    own = shop.context.company.currency
    assert (record["weight"], record["weight_currency"]) == (Decimal("1.50"), own)
    assert record["weight_base"] == record["weight"]
    shop.go(part=props(weight={"field": "money", "currency": "JPY"}))


def test_numbers_that_become_text_are_sorted_as_text(shop: Workshop) -> None:
    shop.change(shop.ids[1], count=10)
    shop.go(part=props(count={"type": "string"}))
    assert [each["count"] for each in shop.listed("!isEmpty(count)", sort=("count",))] == ["1", "10", "3"]
