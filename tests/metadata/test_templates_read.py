"""Message templates: what a text could never show is refused when it is written."""

from typing import Any

import pytest
from metadata.flow_cases import compiled, told_of


def texts(subject: str = "Hello", text: str = "Hello", **more: Any) -> dict[str, Any]:
    return {"subject": {"en": subject}, "text": {"en": text}, **more}


CASES: dict[str, tuple[dict[str, Any], list[tuple[str, str]]]] = {
    "plain": (texts("Hello {{ receiver }}"), []),
    "a value of its own": (texts(text="{{ days }}", variables=[{"name": "days"}]), []),
    "a field of the record": (texts(text="{{ record.label | upper }} {{ record.created_at | date }}", entity="asset"), []),
    "any field without an entity": (texts(text="{{ record.whatever }}"), []),
    "a loop": (texts(text="{% for part in record.parts %}{{ part.name }}{% endfor %}", entity="asset"), []),
    "a value that no message has": (texts("{{ recever }}"), [("template.variable", "/subject/en")]),
    "a field that there is not": (texts(text="{{ record.labl }}", entity="asset"), [("field.unknown", "/text/en")]),
    "an unknown entity": (texts(entity="aset"), [("entity.unknown", "/entity")]),
    "no template": (texts("{{ receiver"), [("template.syntax", "/subject/en")]),
    "a call": (texts("{{ receiver.format() }}"), [("template.syntax", "/subject/en")]),
    "an unknown filter": (texts("{{ receiver | shout }}"), [("template.syntax", "/subject/en")]),
    "a language without a text": (
        {**texts(), "subject": {"en": "a", "ja": "b"}}, [("template.locale", "/text/ja")],
    ),
    "a text without a subject": (texts(html={"ja": "x"}), [("template.locale", "/html/ja")]),
}  # fmt: skip
SAID = told_of("templates", lambda: {name: case[0] for name, case in CASES.items()})


@pytest.mark.parametrize("name", CASES)
def test_texts_are_checked_where_they_are_written(name: str) -> None:
    assert [(problem.code, problem.path) for problem in SAID(name)] == CASES[name][1]


def test_the_nearest_name_is_told() -> None:
    (problem,) = SAID("a value that no message has")
    assert 'did you mean "receiver"' in problem.message


def test_a_tenant_changes_one_language() -> None:
    patch = {"text": {"ja": "こんにちは"}, "subject": {"ja": "やあ"}}
    found = compiled({"templates/hello": texts(title="Greeting")}, {"templates/hello": patch})
    assert found.problems == () and found.model is not None
    read = found.model.templates["hello"]
    assert (read.title, read.subject["ja"], read.text["en"]) == ("Greeting", "やあ", "Hello")
    assert [read.locale(wanted) for wanted in ("ja", "ja-JP", "fr", "en")] == ["ja", "ja", "en", "en"]
