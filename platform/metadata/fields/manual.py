"""The manual page of field types, made from the types themselves: `python -m
fieldstone.metadata.fields.manual`."""

from collections.abc import Iterator, Mapping
from typing import Final

from fieldstone.metadata.fields.base import FieldType, JsonSchema
from fieldstone.metadata.fields.keywords import COMMON
from fieldstone.metadata.fields.registry import FIELD_TYPES

HEAD = """# Field types

Made from `platform/metadata/fields` by `python -m fieldstone.metadata.fields.manual > docs/fields.md`; do
not edit.

A property of an entity document is plain JSON Schema, with keywords of ours beside it. `field` names the
type. Left out, it follows: a string is `text` (`multiline` when `maxLength` is above 500; `date`, `datetime`,
`email` or `url` by its `format`), a choice of texts is `select`, a list of different ones `multi_select`;
`number`, `integer` and `boolean` are themselves, and everything else is `json`.

| type | name | JSON | compared by |
|---|---|---|---|"""


COLUMNS: Final = (
    "==", "!=", "<", "<=", ">", ">=", "in", "contains", "startsWith", "endsWith", "isEmpty",
)  # fmt: skip
"""The operators of the table; what else a type names are parts of its value."""


def manual() -> str:
    """The whole page, in Markdown."""
    return (
        "\n".join([HEAD, *rows(), *table(), "", "## Keywords of every type", "", *keywords(COMMON), *pages()])
        + "\n"
    )


def rows() -> Iterator[str]:
    for kind in FIELD_TYPES.values():
        operators = " ".join(f"`{operator}`" for operator in kind.operators)
        json = "computed" if kind.computed else " or ".join(kind.json_types)
        yield f"| [`{kind.id}`](#{kind.id}) | {kind.title} | {json} | {operators} |"


def table() -> Iterator[str]:
    """Which operator compares which type, and what lists sort by."""
    yield from ("", "## Type x operator", "", OPERATORS)
    yield f"| type | {' | '.join(f'`{operator}`' for operator in COLUMNS)} | parts | sort |"
    yield "|---" * (len(COLUMNS) + 3) + "|"
    for kind in FIELD_TYPES.values():
        marks = ["✓" if operator in kind.operators else "" for operator in COLUMNS]
        own = " ".join(f"`.{operator}`" for operator in kind.operators if operator not in COLUMNS)
        yield f"| `{kind.id}` | {' | '.join(marks)} | {own} | {'✓' if sorts(kind) else ''} |"


OPERATORS = """What makes sense in a filter or a rule; a test has the expression checker take each of them. `in` compares
with a list (`value in ["a", "b"]`); `contains` of a list is written `"a" in value`. Parts are compared as what they
are: `rent.start <= today()`. A computed field compares and sorts as the type of its result does.
"""


def sorts(kind: FieldType) -> bool:
    """Whether lists sort by fields of this type."""
    return kind.indexable if kind.sortable is None else kind.sortable


def keywords(vocabulary: Mapping[str, JsonSchema]) -> list[str]:
    return [f"- `{name}`: {schema['description']}" for name, schema in vocabulary.items()]


def pages() -> Iterator[str]:
    for kind in FIELD_TYPES.values():
        yield from page(kind)


def page(kind: FieldType) -> list[str]:
    lines = ["", f"## {kind.id}", "", f"{kind.title}. {kind.description}"]
    if kind.vocabulary:
        lines += ["", *keywords(kind.vocabulary)]
    if not kind.indexable:
        lines += [
            "",
            "Cannot be unique or indexed." if sorts(kind) else "Cannot be unique, indexed or sorted on.",
        ]
    elif not sorts(kind):
        lines += ["", "Cannot be sorted on."]
    return lines


if __name__ == "__main__":
    print(manual(), end="")
