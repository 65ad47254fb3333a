"""Ids of many records at once."""

import time

from fieldstone.engine.ids import new_id, new_ids


def test_ids_made_together_are_in_order_and_unlike() -> None:
    before = new_id()
    found = new_ids(5000)
    assert found == sorted(found)
    assert len(set(found)) == 5000
    assert {each.version for each in found} == {7}
    assert before < found[0]


def test_ids_made_together_carry_the_time() -> None:
    millis = new_ids(3)[0].int >> 80
    assert abs(millis - time.time() * 1000) < 60_000
