"""Rules about duplicates that are published over old records: these are found once they were read."""

from publish_world import Workshop

from fieldstone.engine import duplicates

RULE = {"name": "same_label", "fields": [{"name": "label", "compare": "text"}]}
BY_CODE = {"name": "same_label", "fields": [{"name": "code", "compare": "exact"}]}


def matches(shop: Workshop, **values: object) -> int:
    found = shop.engine.read(shop.context, lambda tx: duplicates.find(tx, "part", values))
    return sum(len(match.records) for match in found)


def test_old_records_are_found_by_rules_that_come_later(shop: Workshop) -> None:
    shop.make(label="Ｏne more")
    shop.go(part={"duplicates": [RULE]})
    assert matches(shop, label="one more") == 1
    shop.make(label="ONE MORE")
    assert matches(shop, label="one more") == 2


def test_another_recipe_makes_other_keys_and_removal_none(shop: Workshop) -> None:
    shop.make(label="Same", code="q1")
    shop.go(part={"duplicates": [RULE]})
    shop.go(part={"duplicates": [BY_CODE]})
    assert matches(shop, label="same") == 0
    assert matches(shop, code="q1") == 1
    shop.go(part={"duplicates": [{"name": "same_label", "$remove": True}]})
    shop.make(label="Later", code="q1")
    shop.go(part={"duplicates": [BY_CODE]})
    assert matches(shop, code="q1") == 2
