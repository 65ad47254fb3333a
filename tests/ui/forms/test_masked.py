"""Expressions on their way to the browser: hidden fields are null in them, and not named."""

import json
from pathlib import Path

import pytest

from fieldstone.engine.permissions.fields import FieldRights
from fieldstone.expressions import check, evaluate, from_json
from fieldstone.metadata.compile import compile_model
from fieldstone.metadata.definitions import Model
from fieldstone.metadata.documents import read_package
from fieldstone.metadata.expression_types import record_types
from fieldstone.ui.forms.masked import masked

LIBRARY = Path(__file__).parents[2] / "packages" / "library"


@pytest.fixture(scope="module")
def model() -> Model:
    compiled = compile_model([read_package(LIBRARY)], {})
    assert compiled.model is not None
    return compiled.model


@pytest.mark.parametrize(
    "source",
    [
        "price > 10",
        "copy_count > 10 && price > 10",
        "isEmpty(price) || total > 3",
        "any(copies, pieces > 1) || price > 1",
        "any(copies, damaged, pieces > 1) && sum(copies, pieces * 2) > coalesce(price, 0)",
    ],
)
def test_a_hidden_field_is_null_and_not_named(model: Model, source: str) -> None:
    book = model.entities["book"]
    env = record_types(model).of("book")
    whole = check(source, env)
    told = masked(FieldRights(model, ["reader"]), model, book, whole)
    assert "price" not in json.dumps(told)
    assert "total" not in json.dumps(told)
    record = {"copy_count": 20, "title": "x", "copies": [{"pieces": 3, "damaged": False}]}
    assert evaluate(from_json(told, env), record) == evaluate(whole, record)
