"""What was typed on a form of an earlier revision arrives under the names of now."""

from dataclasses import replace
from typing import Any

import pytest
from ui_world import LIBRARY

from fieldstone.metadata.compile import compile_model
from fieldstone.metadata.definitions import Entity, Model
from fieldstone.metadata.documents import read_package
from fieldstone.ui.forms.revisions import moved


@pytest.fixture(scope="module")
def model() -> Model:
    """The orders package, whose `remark` is called `comment` and whose lines' `part` is called `piece` now."""
    compiled = compile_model([read_package(LIBRARY.parent / "orders")])
    assert compiled.model is not None
    entities = dict(compiled.model.entities)
    entities["order"] = renamed(entities["order"], "remark", "comment")
    entities["order__items"] = renamed(renamed(entities["order__items"], "part", "piece"), "price", "cost")
    return replace(compiled.model, entities=entities)


def renamed(entity: Entity, old: str, new: str) -> Entity:
    fields = {(new if name == old else name): field for name, field in entity.fields.items()}
    fields[new] = replace(fields[new], name=new, renamed_from=old)
    return replace(entity, fields=fields)


@pytest.mark.parametrize(
    ("sent", "values", "names", "removed"),
    [
        pytest.param({"label": "a"}, {"label": "a"}, {}, [], id="nothing-changed"),
        pytest.param({"remark": "a"}, {"comment": "a"}, {"remark": "comment"}, [], id="renamed"),
        pytest.param({"gone": "a"}, {}, {}, ["gone"], id="removed"),
        pytest.param({"owner_id": "x"}, {"owner_id": "x"}, {}, [], id="system-field"),
        pytest.param(
            {"items": [{"id": "1", "part": "a", "price": "2", "price_currency": "EUR", "gone": 1}]},
            {"items": [{"id": "1", "piece": "a", "cost": "2", "cost_currency": "EUR"}]},
            {
                "items.part": "items.piece",
                "items.price": "items.cost",
                "items.price_currency": "items.cost_currency",
            },
            ["items.gone"],
            id="inside-lines",
        ),
    ],
)
def test_values_move_to_the_names_of_now(
    model: Model, sent: dict[str, Any], values: dict[str, Any], names: dict[str, str], removed: list[str]
) -> None:
    now = moved(model, model.entities["order"], sent)
    assert (now.values, now.renamed, now.removed) == (values, names, removed)
