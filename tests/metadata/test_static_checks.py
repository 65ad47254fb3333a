"""Every static check of documents, with a legal case beside the illegal one."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from fieldstone.metadata.compile import Compiled

Compile = Callable[..., Compiled]

TITLE = {"title": {"type": "string"}}
LINK = {"place": {"field": "link", "target": "place"}}
PLACE = {
    "properties": {"name": {"type": "string"}, "size": {"type": "integer"}, "kind": {"enum": ["a", "b"]}}
}


def entity(properties: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {**TITLE, **properties}, **more}


LEGAL: dict[str, dict[str, Any]] = {
    "links in a circle": {
        "entities/place": entity({"book": {"field": "link", "target": "book"}}),
        "entities/book": entity({"place": {"field": "link", "target": "place"}}),
    },
    "names that are reserved words": {
        "entities/select": entity(
            {n: {"type": "string"} for n in ("select", "class", "from", "None", "user", "order")}
        ),
    },
    "camelCase, CJK and spaces": {
        "entities/book": entity(
            {"unitPrice": {"type": "integer"}, "名稱": {"type": "string"}, "a b": {"type": "integer"}},
            rules=[{"name": "r", "when": "`a b` > unitPrice && 名稱 == 'x'", "message": "no"}],
        ),
    },
    "the currency of money whose name ends like a companion's": {
        "entities/book": entity(
            {"cost_base": {"field": "money"}},
            rules=[{"name": "r", "when": "cost_base_currency == 'EUR'", "message": "no"}],
        ),
    },
    "emoji and 60 characters": {
        "entities/book": entity({"😀": {"type": "string"}, "x" * 60: {"type": "string"}})
    },
    "reference inside": {
        "entities/book": entity({"a": {"$ref": "#/$defs/a"}}, **{"$defs": {"a": {"type": "integer"}}})
    },
    "formula over a formula of another entity": {
        "entities/place": entity(
            {"n": {"type": "integer"}, "twice": {"field": "formula", "formula": "n * 2"}}
        ),
        "entities/book": entity({**LINK, "f": {"field": "formula", "formula": "place.twice + 1"}}),
    },
    "a form over system fields": {
        "entities/book": entity({}),
        "forms/f": {"entity": "book", "items": [{"name": "created_at"}, {"name": "title"}]},
    },
    "a record rule on every entity": {
        "entities/book": entity({}),
        "roles/r": {
            "entities": [
                {
                    "name": "*",
                    "verbs": {"read": "all"},
                    "recordRules": [{"name": "mine", "when": "owner_id == user.id"}],
                }
            ]
        },
    },
}


@pytest.mark.parametrize("documents", LEGAL.values(), ids=LEGAL)
def test_legal_documents_compile(compiled: Compile, documents: Mapping[str, Any]) -> None:
    assert compiled(documents).problems == ()


BOOK = {"entities/book": entity({"n": {"type": "integer"}, "day": {"type": "string", "format": "date"}})}


def book(name: str, schema: Any) -> dict[str, Any]:
    return {"entities/place": PLACE, "entities/book": entity({**LINK, name: schema})}


ILLEGAL: dict[str, tuple[dict[str, Any], str, str, str]] = {
    "reserved entity name": ({"entities/me": entity({})}, "entities/me.json", "/name", "entity.reserved"),
    "two underscores": ({"entities/a__b": entity({})}, "entities/a__b.json", "/name", "entity.name"),
    "system field": (book("created_at", {}), "entities/book.json", "/properties/created_at", "field.system"),
    "parent link": (book("_parent", {}), "entities/book.json", "/properties/_parent", "field.system"),
    "long name": (book("x" * 61, {}), "entities/book.json", f"/properties/{'x' * 61}", "field.name"),
    "empty name": (book("", {}), "entities/book.json", "/properties/", "field.name"),
    "control character": (book("a\nb", {}), "entities/book.json", "/properties/a\nb", "field.name"),
    "backtick": (book("a`b", {}), "entities/book.json", "/properties/a`b", "field.name"),
    "slash": (book("a/b", {}), "entities/book.json", "/properties/a~1b", "field.name"),
    "name of a money field's currency": (
        {"entities/book": entity({"p": {"field": "money"}, "p_currency": {"type": "string"}})},
        "entities/book.json",
        "/properties/p_currency",
        "field.taken",
    ),
    "currency of the company's amount": (
        {
            "entities/book": entity(
                {"cost": {"field": "money"}},
                rules=[{"name": "r", "when": "cost_base_currency == 'EUR'", "message": "m"}],
            )
        },
        "entities/book.json",
        "/rules/0/when",
        "expression.invalid",
    ),
    "unknown field type": (
        book("x", {"field": "lnk"}),
        "entities/book.json",
        "/properties/x/field",
        "field.type_unknown",
    ),
    "link target": (
        book("x", {"field": "link", "target": "plce"}),
        "entities/book.json",
        "/properties/x/target",
        "link.target",
    ),
    "title field": (
        {"entities/book": entity({}, titleField="titel")},
        "entities/book.json",
        "/titleField",
        "field.unknown",
    ),
    "required": (
        {"entities/book": entity({}, required=["titel"])},
        "entities/book.json",
        "/required/0",
        "required.unknown",
    ),
    "rate date": (
        {"entities/book": entity({}, rateDate="title")},
        "entities/book.json",
        "/rateDate",
        "field.unknown",
    ),
    "reference outside": (
        book("x", {"$ref": "https://example.com/a.json"}),
        "entities/book.json",
        "/properties/x/$ref",
        "ref.outside",
    ),
    "reference to nothing": (
        book("x", {"$ref": "#/$defs/x"}),
        "entities/book.json",
        "/properties/x/$ref",
        "ref.unknown",
    ),
    "formula with an unknown name": (
        book("x", {"field": "formula", "formula": "titel"}),
        "entities/book.json",
        "/properties/x/formula",
        "expression.name",
    ),
    "formula over a link": (
        book("x", {"field": "formula", "formula": "place.sise"}),
        "entities/book.json",
        "/properties/x/formula",
        "expression.name",
    ),
    "formula of itself": (
        book("x", {"field": "formula", "formula": "x + 1"}),
        "entities/book.json",
        "/properties/x",
        "formula.circle",
    ),
    "formulas in a circle over entities": (
        {
            "entities/place": entity(
                {
                    "book": {"field": "link", "target": "book"},
                    "g": {"field": "formula", "formula": "book.f + 1"},
                }
            ),
            "entities/book": entity({**LINK, "f": {"field": "formula", "formula": "place.g + 1"}}),
        },
        "entities/place.json",
        "/properties/g",
        "formula.circle",
    ),
    "rollup in a circle": (
        {
            "entities/place": entity(
                {"r": {"field": "rollup", "rollup": {"of": "book.place", "fn": "sum", "value": "f"}}}
            ),
            "entities/book": entity({**LINK, "f": {"field": "formula", "formula": "place.r + 1"}}),
        },
        "entities/place.json",
        "/properties/r",
        "formula.circle",
    ),
    "rollup of nothing": (
        book("x", {"field": "rollup", "rollup": {"of": "parts", "fn": "count"}}),
        "entities/book.json",
        "/properties/x/rollup/of",
        "rollup.of",
    ),
    "rollup of a link elsewhere": (
        {"entities/book": entity({"x": {"field": "rollup", "rollup": {"of": "user.team", "fn": "count"}}})},
        "entities/book.json",
        "/properties/x/rollup/of",
        "rollup.of",
    ),
    "rollup without value": (
        {
            "entities/book": entity(
                {
                    "l": {"field": "lines", "properties": TITLE},
                    "x": {"field": "rollup", "rollup": {"of": "l", "fn": "sum"}},
                }
            )
        },
        "entities/book.json",
        "/properties/x/rollup/value",
        "rollup.value",
    ),
    "rollup of text by sum": (
        {
            "entities/book": entity(
                {
                    "l": {"field": "lines", "properties": TITLE},
                    "x": {"field": "rollup", "rollup": {"of": "l", "fn": "sum", "value": "title"}},
                }
            )
        },
        "entities/book.json",
        "/properties/x/rollup/value",
        "expression.type",
    ),
    "rollup by the clock": (
        {
            "entities/book": entity(
                {
                    "l": {"field": "lines", "properties": {"d": {"type": "string", "format": "date"}}},
                    "x": {"field": "rollup", "rollup": {"of": "l", "fn": "count", "where": "d < today()"}},
                }
            )
        },
        "entities/book.json",
        "/properties/x",
        "formula.clock",
    ),
    "stored formula by the clock of another": (
        {
            "entities/book": entity(
                {
                    "day": {"type": "string", "format": "date"},
                    "late": {"field": "formula", "formula": "day < today()"},
                    "x": {"field": "formula", "formula": "late ? 1 : 0", "stored": True},
                }
            )
        },
        "entities/book.json",
        "/properties/x",
        "formula.clock",
    ),
    "related path": (
        book("x", {"field": "related", "related": "place.nme"}),
        "entities/book.json",
        "/properties/x/related",
        "expression.name",
    ),
    "related without a point": (
        book("x", {"field": "related", "related": "place"}),
        "entities/book.json",
        "/properties/x/related",
        "related.path",
    ),
    "lines in lines": (
        book("x", {"field": "lines", "properties": {"y": {"field": "lines", "properties": TITLE}}}),
        "entities/book.json",
        "/properties/x/properties/y",
        "lines.nested",
    ),
    "rule that is no condition": (
        {"entities/book": entity({}, rules=[{"name": "r", "when": "title", "message": "m"}])},
        "entities/book.json",
        "/rules/0/when",
        "expression.type",
    ),
    "rule beside an unknown field": (
        {
            "entities/book": entity(
                {}, rules=[{"name": "r", "when": "true", "message": "m", "field": "titel"}]
            )
        },
        "entities/book.json",
        "/rules/0/field",
        "field.unknown",
    ),
    "a value that a select lacks": (
        {
            "entities/book": entity(
                {"s": {"enum": ["new", "old"]}}, rules=[{"name": "r", "when": "s == 'nwe'", "message": "m"}]
            )
        },
        "entities/book.json",
        "/rules/0/when",
        "expression.option",
    ),
    "default of another type": (
        book("x", {"type": "integer", "defaultExpression": "'a'"}),
        "entities/book.json",
        "/properties/x/defaultExpression",
        "expression.type",
    ),
    "sequence pattern": (
        book("x", {"field": "sequence", "sequence": "A-{yaer}-{n}"}),
        "entities/book.json",
        "/properties/x/sequence",
        "sequence.pattern",
    ),
    "sequence without number": (
        {"sequences/s": {"pattern": "A-{year}"}},
        "sequences/s.json",
        "/pattern",
        "sequence.pattern",
    ),
    "form of nothing": (
        {"forms/f": {"entity": "boook"}, **BOOK},
        "forms/f.json",
        "/entity",
        "entity.unknown",
    ),
    "form with an unknown field": (
        {"forms/f": {"entity": "book", "items": [{"name": "m"}]}, **BOOK},
        "forms/f.json",
        "/items/0/name",
        "field.unknown",
    ),
    "form with an unknown section": (
        {
            "forms/f": {
                "entity": "book",
                "sections": [{"name": "a"}],
                "items": [{"name": "n", "section": "b"}],
            },
            **BOOK,
        },
        "forms/f.json",
        "/items/0/section",
        "section.unknown",
    ),
    "form with an unknown tab": (
        {
            "forms/f": {"entity": "book", "tabs": [{"name": "t"}], "sections": [{"name": "a", "tab": "x"}]},
            **BOOK,
        },
        "forms/f.json",
        "/sections/0/tab",
        "tab.unknown",
    ),
    "form rule": (
        {"forms/f": {"entity": "book", "items": [{"name": "n", "visibleWhen": "m > 1"}]}, **BOOK},
        "forms/f.json",
        "/items/0/visibleWhen",
        "expression.name",
    ),
    "form for an unknown role": (
        {"forms/f": {"entity": "book", "items": [{"name": "n", "roles": [{"name": "clrk"}]}]}, **BOOK},
        "forms/f.json",
        "/items/0/roles/0/name",
        "role.unknown",
    ),
    "columns of what has none": (
        {"forms/f": {"entity": "book", "items": [{"name": "n", "columns": ["a"]}]}, **BOOK},
        "forms/f.json",
        "/items/0/columns",
        "columns.no_lines",
    ),
    "column": (
        {"views/v": {"entity": "book", "columns": [{"name": "m"}]}, **BOOK},
        "views/v.json",
        "/columns/0/name",
        "field.unknown",
    ),
    "column over no link": (
        {"views/v": {"entity": "book", "columns": [{"name": "n.m"}]}, **BOOK},
        "views/v.json",
        "/columns/0/name",
        "field.no_link",
    ),
    "filter": (
        {"views/v": {"entity": "book", "filter": "n == 'a'"}, **BOOK},
        "views/v.json",
        "/filter",
        "expression.type",
    ),
    "sort": (
        {"views/v": {"entity": "book", "sort": ["-m"]}, **BOOK},
        "views/v.json",
        "/sort/0",
        "field.unknown",
    ),
    "menu entity": (
        {"menus/m": {"items": [{"name": "a", "entity": "bok"}]}, **BOOK},
        "menus/m.json",
        "/items/0/entity",
        "entity.unknown",
    ),
    "menu view": (
        {"menus/m": {"items": [{"name": "a", "entity": "book", "view": "bok"}]}, **BOOK},
        "menus/m.json",
        "/items/0/view",
        "view.unknown",
    ),
    "menu view of another entity": (
        {"menus/m": {"items": [{"name": "a", "entity": "book", "view": "user_list"}]}, **BOOK},
        "menus/m.json",
        "/items/0/view",
        "view.entity",
    ),
    "menu of nothing": (
        {"menus/m": {"items": [{"name": "a"}]}, **BOOK},
        "menus/m.json",
        "/items/0",
        "menu.empty",
    ),
    "role entity": (
        {"roles/r": {"entities": [{"name": "bok"}]}, **BOOK},
        "roles/r.json",
        "/entities/0/name",
        "entity.unknown",
    ),
    "role field": (
        {"roles/r": {"entities": [{"name": "book", "hidden": ["m"]}]}, **BOOK},
        "roles/r.json",
        "/entities/0/hidden/0",
        "field.unknown",
    ),
    "record rule": (
        {
            "roles/r": {"entities": [{"name": "book", "recordRules": [{"name": "a", "when": "m > 1"}]}]},
            **BOOK,
        },
        "roles/r.json",
        "/entities/0/recordRules/0/when",
        "expression.name",
    ),
    "data of nothing": ({"data/d": {"entity": "bok"}, **BOOK}, "data/d.json", "/entity", "entity.unknown"),
    "data field": (
        {"data/d": {"entity": "book", "records": [{"name": "a", "values": {"m": 1}}]}, **BOOK},
        "data/d.json",
        "/records/0/values/m",
        "field.unknown",
    ),
    "data reference": (
        {
            "data/d": {"entity": "book", "records": [{"name": "a", "values": {"n": {"$ref": "bok/b"}}}]},
            **BOOK,
        },
        "data/d.json",
        "/records/0/values/n",
        "data.ref",
    ),
    "data days": (
        {"data/d": {"entity": "book", "records": [{"name": "a", "values": {"day": {"$days": "x"}}}]}, **BOOK},
        "data/d.json",
        "/records/0/values/day",
        "data.relative",
    ),
    "data time": (
        {
            "data/d": {
                "entity": "book",
                "records": [{"name": "a", "values": {"day": {"$days": 1, "$time": "25:00"}}}],
            },
            **BOOK,
        },
        "data/d.json",
        "/records/0/values/day",
        "data.relative",
    ),
}


@pytest.mark.parametrize(("documents", "file", "pointer", "code"), ILLEGAL.values(), ids=ILLEGAL)
def test_illegal_documents_are_problems(
    compiled: Compile, documents: Any, file: str, pointer: str, code: str
) -> None:
    result = compiled(documents)
    assert result.model is None
    found = [(problem.file, problem.path, problem.code) for problem in result.problems]
    assert found == [(file, pointer, code)] or (
        code.startswith("expression.") and found[0][:2] == (file, pointer)
    )
    assert result.problems[0].layer == "shop"


def test_problems_name_the_nearest_name(compiled: Compile) -> None:
    text = " ".join(
        str(problem) for problem in compiled(book("x", {"field": "link", "target": "plce"})).problems
    )
    assert (
        text
        == 'entities/book.json /properties/x/target: link target "plce" is no entity; did you mean "place"?'
    )


def test_unknown_translation_keys_are_notes(compiled: Compile) -> None:
    texts = {
        "entity.book": "B",
        "entity.bok": "?",
        "field.book.title": "T",
        "field.book.titel": "?",
        "menu.x": "?",
    }
    result = compiled({"entities/book": entity({}), "translations/de": {"locale": "de", "texts": texts}})
    assert [note.path for note in result.notes] == [
        "/texts/entity.bok",
        "/texts/field.book.titel",
        "/texts/menu.x",
    ]
    assert result.model is not None
    assert result.model.translations["de"]["entity.book"] == "B"
