"""A secret goes in and does not come out."""

from metadata.record_entity import entity, field

from fieldstone.metadata.fields import FIELD_TYPES
from fieldstone.metadata.fields.secret import NewSecret
from fieldstone.metadata.json_text import write_json
from fieldstone.metadata.validation import validator_for

ASSET = entity({"token": {"field": "secret"}})


def test_a_given_secret_looks_like_any_that_is_set() -> None:
    value = validator_for(ASSET).validate({"token": "s3cret"}, "create").values["token"]
    assert isinstance(value, NewSecret)
    assert value.plain == "s3cret"
    assert write_json(value) == '{"set":true}'
    assert "s3cret" not in repr(value) + str(value)
    assert FIELD_TYPES["secret"].format_text(ASSET.fields["token"], value) == "(set)"


def test_a_new_secret_differs_from_the_one_that_is_set() -> None:
    assert NewSecret("a") != {"set": True}
    assert NewSecret("a") != {"set": True}
    assert NewSecret("a") != NewSecret("b")


def test_the_mark_is_taken_as_it_is() -> None:
    found = validator_for(ASSET).validate({"token": {"set": True}}, "patch", current={"token": {"set": True}})
    assert (found.problems, found.values["token"]) == ([], {"set": True})


def test_no_secret_in_lines_in_searches_or_as_a_default() -> None:
    for more in ({"search": True}, {"default": "x"}, {"unique": True}, {"index": True}):
        assert field({"field": "secret", **more})[1]
    from metadata.record_entity import resolver

    from fieldstone.metadata.fields import read_field

    _, problems = read_field(
        "a", {"field": "secret"}, entity="asset__parts", pointer="", resolve_ref=resolver({})
    )
    assert [problem.code for problem in problems] == ["secret.in_lines"]
