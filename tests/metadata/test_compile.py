"""Compiling: what a model holds, and every static check with a legal case beside the illegal one."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from fieldstone.metadata.cache import CompileCache
from fieldstone.metadata.compile import Compiled, base_package, compile_model
from fieldstone.metadata.definitions import MISSING, PARENT_LINK, Model
from fieldstone.metadata.documents import Package, read_package
from fieldstone.metadata.expression_types import record_types

PACKAGES = Path(__file__).parents[1] / "packages"
Compile = Callable[..., Compiled]


def model_of(compiled: Compiled) -> Model:
    assert compiled.problems == ()
    assert compiled.model is not None
    return compiled.model


@pytest.fixture(scope="module")
def library() -> Model:
    return model_of(compile_model([read_package(PACKAGES / "library")]))


@pytest.fixture(scope="module")
def plain() -> Model:
    return model_of(compile_model([read_package(PACKAGES / "plain")]))


def test_the_base_package_compiles_alone_without_notes() -> None:
    compiled = compile_model([])
    assert compiled.notes == ()
    assert set(model_of(compiled).entities) == {"user", "team", "role_grant", "exchange_rate"}
    assert model_of(compiled).roles["administrator"].grants["*"].verbs["delete"] == "all"


def test_the_base_package_speaks_four_languages_completely() -> None:
    model = model_of(compile_model([]))
    keys: set[str] = set()
    for entity in model.entities.values():
        keys |= {f"entity.{entity.name}", f"entity.{entity.name}.plural", f"help.{entity.name}"}
        for field in entity.fields.values():
            assert field.description, f"{entity.name}.{field.name} has no description"
            keys |= {f"field.{entity.name}.{field.name}", f"help.{entity.name}.{field.name}"}
            if field.name != "locale":
                keys |= {f"option.{entity.name}.{field.name}.{option.const}" for option in field.options}
    for form in model.forms.values():
        keys |= {f"form.{form.name}.section.{section.name}" for section in form.sections}
    keys |= {f"view.{name}" for name in model.views}
    keys |= {f"menu.{menu.name}.{item.name}" for menu in model.menus.values() for item in menu.items}
    for locale in ("zh-Hans", "zh-Hant", "ja"):
        assert sorted(keys - set(model.translations[locale])) == []


def test_fields_of_our_dialect(library: Model) -> None:
    book = library.entities["book"]
    assert [field.type for field in book.fields.values()] == [
        "sequence", "text", "text", "link", "related", "select", "date", "date", "money", "lines", "rollup", "formula",
        "user", "tags", "multiline",
    ]  # fmt: skip
    assert book.title_field == "title"
    assert book.fields["title"].required
    assert book.fields["status"].default == "new"
    assert book.fields["title"].default is MISSING
    assert book.fields["author"].on_delete == "restrict"
    assert book.fields["number"].sequence is not None
    assert book.fields["number"].sequence.pattern == "B-{year}-{n:05}"
    assert book.fields["author_country"].related == ("author", "country")
    assert book.fields["total"].stored
    assert book.layer == "library"


def test_expressions_are_checked_and_kept(library: Model) -> None:
    book, loan = library.entities["book"], library.entities["loan"]
    assert book.fields["total"].formula is not None
    assert book.fields["total"].formula.deps == {("price",), ("copy_count",)}
    assert book.fields["added"].default_expression is not None
    assert book.fields["found_by"].required_when is not None
    assert loan.fields["fine"].read_only_when is not None
    assert loan.fields["author_worth"].formula is not None
    assert loan.fields["author_worth"].formula.deps == {("book", "author", "worth")}
    assert [(rule.name, rule.field) for rule in book.rules] == [("isbn_when_used", "isbn")]


def test_rollups_over_lines_and_over_links(library: Model) -> None:
    count = library.entities["book"].fields["copy_count"].rollup
    worth = library.entities["author"].fields["worth"].rollup
    assert count is not None
    assert worth is not None
    assert (count.of, count.child, count.link, count.fn) == ("copies", "book__copies", PARENT_LINK, "sum")
    assert (worth.of, worth.child, worth.link, worth.fn) == ("book.author", "book", "author", "sum")
    assert library.entities["author"].fields["book_count"].schema["type"] == "integer"


def test_lines_are_entities_of_their_own(library: Model) -> None:
    copies = library.entities["book__copies"]
    assert copies.parent == ("book", "copies")
    assert copies.fields["shelf"].required
    assert [rule.name for rule in copies.rules] == ["few_damaged"]
    assert library.entities["book"].fields["copies"].lines == "book__copies"


def test_a_plain_json_schema_compiles(plain: Model) -> None:
    asset = plain.entities["asset"]
    types = {name: field.type for name, field in asset.fields.items()}
    assert types == {
        "label": "text", "kind": "select", "serialNumber": "text", "bought": "date", "checkedAt": "datetime",
        "pieces": "integer", "weight": "number", "inUse": "boolean", "contact": "email", "manual": "url",
        "colours": "multi_select", "size": "json", "owner": "json", "history": "json", "備註": "multiline",
        "order": "text", "class": "text", "anything": "json",
    }  # fmt: skip
    assert asset.title_field == "label"
    assert set(asset.composite) == {"dependentRequired", "if", "then"}
    assert asset.extras is False
    compiled = compile_model([read_package(PACKAGES / "plain")])
    assert [note.path for note in compiled.notes] == ["/properties/order/x-ui-hint"]


def test_compiling_twice_gives_the_same_hashes(library: Model) -> None:
    package = read_package(PACKAGES / "library")
    again = model_of(compile_model([Package.from_json(package.to_json())]))
    assert again.hash == library.hash
    assert {n: e.hash for n, e in again.entities.items()} == {n: e.hash for n, e in library.entities.items()}


def test_tenants_share_what_is_the_same() -> None:
    cache, package = CompileCache(), read_package(PACKAGES / "library")
    one = model_of(compile_model([package], {}, cache))
    two = model_of(
        compile_model([package], {"entities/author": {"properties": {"fee": {"type": "integer"}}}}, cache)
    )
    shared = {name for name in one.entities if one.entities[name] is two.entities[name]}
    assert shared == set(one.entities) - {"author"}
    assert two.hash != one.hash
    for part in ("forms", "views", "menus", "roles", "documents", "translations"):
        of_one, of_two = getattr(one, part), getattr(two, part)
        changed = {str(name) for name in of_one if of_one[name] is not of_two[name]}
        assert all("author" in name for name in changed), (part, changed)


def test_what_reads_a_changed_field_is_not_shared() -> None:
    cache, package = CompileCache(), read_package(PACKAGES / "library")
    one = model_of(compile_model([package], {}, cache))
    patch = {"entities/author": {"properties": {"country": {"maxLength": 3, "pattern": None}}}}
    two = model_of(compile_model([package], patch, cache))
    assert one.entities["loan"] is two.entities["loan"]
    assert one.entities["book"] is not two.entities["book"], (
        "book.author_country takes its type from the author"
    )
    again = model_of(compile_model([package], patch, cache))
    assert again.entities["book"] is two.entities["book"]


def test_record_types_of_a_model_follow_links(library: Model) -> None:
    types = record_types(library)
    assert types.of("loan").field("book") is not None
    assert str(types.field("book", "total")) == "decimal"
    assert str(types.field("author", "worth")) == "decimal"
    assert types.field("book", "nothing") is None
    assert "owner_id" in types.of("book").all_fields()
    assert "owner_id" not in types.of("book__copies").all_fields()


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
        "entities/select": entity({n: {"type": "string"} for n in ("select", "class", "from", "None", "user", "order")}),
    },
    "camelCase, CJK and spaces": {
        "entities/book": entity({"unitPrice": {"type": "integer"}, "名稱": {"type": "string"}, "a b": {"type": "integer"}},
                                rules=[{"name": "r", "when": "`a b` > unitPrice && 名稱 == 'x'", "message": "no"}]),
    },
    "emoji and 60 characters": {"entities/book": entity({"😀": {"type": "string"}, "x" * 60: {"type": "string"}})},
    "reference inside": {"entities/book": entity({"a": {"$ref": "#/$defs/a"}}, **{"$defs": {"a": {"type": "integer"}}})},
    "formula over a formula of another entity": {
        "entities/place": entity({"n": {"type": "integer"}, "twice": {"field": "formula", "formula": "n * 2"}}),
        "entities/book": entity({**LINK, "f": {"field": "formula", "formula": "place.twice + 1"}}),
    },
    "a form over system fields": {
        "entities/book": entity({}), "forms/f": {"entity": "book", "items": [{"name": "created_at"}, {"name": "title"}]},
    },
    "a record rule on every entity": {
        "entities/book": entity({}),
        "roles/r": {"entities": [{"name": "*", "verbs": {"read": "all"},
                                  "recordRules": [{"name": "mine", "when": "owner_id == user.id"}]}]},
    },
}  # fmt: skip


@pytest.mark.parametrize("documents", LEGAL.values(), ids=LEGAL)
def test_legal_documents_compile(compiled: Compile, documents: Mapping[str, Any]) -> None:
    model_of(compiled(documents))


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
        "entities/book.json", "/properties/p_currency", "field.taken",
    ),
    "unknown field type": (book("x", {"field": "lnk"}), "entities/book.json", "/properties/x/field", "field.type_unknown"),
    "link target": (book("x", {"field": "link", "target": "plce"}), "entities/book.json", "/properties/x/target", "link.target"),
    "title field": ({"entities/book": entity({}, titleField="titel")}, "entities/book.json", "/titleField", "field.unknown"),
    "required": ({"entities/book": entity({}, required=["titel"])}, "entities/book.json", "/required/0", "required.unknown"),
    "rate date": ({"entities/book": entity({}, rateDate="title")}, "entities/book.json", "/rateDate", "field.unknown"),
    "reference outside": (book("x", {"$ref": "https://example.com/a.json"}), "entities/book.json", "/properties/x/$ref", "ref.outside"),
    "reference to nothing": (book("x", {"$ref": "#/$defs/x"}), "entities/book.json", "/properties/x/$ref", "ref.unknown"),
    "formula with an unknown name": (book("x", {"field": "formula", "formula": "titel"}), "entities/book.json", "/properties/x/formula", "expression.name"),
    "formula over a link": (book("x", {"field": "formula", "formula": "place.sise"}), "entities/book.json", "/properties/x/formula", "expression.name"),
    "formula of itself": (book("x", {"field": "formula", "formula": "x + 1"}), "entities/book.json", "/properties/x", "formula.circle"),
    "formulas in a circle over entities": (
        {
            "entities/place": entity({"book": {"field": "link", "target": "book"}, "g": {"field": "formula", "formula": "book.f + 1"}}),
            "entities/book": entity({**LINK, "f": {"field": "formula", "formula": "place.g + 1"}}),
        },
        "entities/place.json", "/properties/g", "formula.circle",
    ),
    "rollup in a circle": (
        {
            "entities/place": entity({"r": {"field": "rollup", "rollup": {"of": "book.place", "fn": "sum", "value": "f"}}}),
            "entities/book": entity({**LINK, "f": {"field": "formula", "formula": "place.r + 1"}}),
        },
        "entities/place.json", "/properties/r", "formula.circle",
    ),
    "rollup of nothing": (book("x", {"field": "rollup", "rollup": {"of": "parts", "fn": "count"}}), "entities/book.json", "/properties/x/rollup/of", "rollup.of"),
    "rollup of a link elsewhere": (
        {"entities/book": entity({"x": {"field": "rollup", "rollup": {"of": "user.team", "fn": "count"}}})},
        "entities/book.json", "/properties/x/rollup/of", "rollup.of",
    ),
    "rollup without value": (
        {"entities/book": entity({"l": {"field": "lines", "properties": TITLE}, "x": {"field": "rollup", "rollup": {"of": "l", "fn": "sum"}}})},
        "entities/book.json", "/properties/x/rollup/value", "rollup.value",
    ),
    "rollup of text by sum": (
        {"entities/book": entity({"l": {"field": "lines", "properties": TITLE}, "x": {"field": "rollup", "rollup": {"of": "l", "fn": "sum", "value": "title"}}})},
        "entities/book.json", "/properties/x/rollup/value", "expression.type",
    ),
    "rollup by the clock": (
        {"entities/book": entity({"l": {"field": "lines", "properties": {"d": {"type": "string", "format": "date"}}},
                                  "x": {"field": "rollup", "rollup": {"of": "l", "fn": "count", "where": "d < today()"}}})},
        "entities/book.json", "/properties/x", "formula.clock",
    ),
    "stored formula by the clock of another": (
        {"entities/book": entity({"day": {"type": "string", "format": "date"},
                                  "late": {"field": "formula", "formula": "day < today()"},
                                  "x": {"field": "formula", "formula": "late ? 1 : 0", "stored": True}})},
        "entities/book.json", "/properties/x", "formula.clock",
    ),
    "related path": (book("x", {"field": "related", "related": "place.nme"}), "entities/book.json", "/properties/x/related", "expression.name"),
    "related without a point": (book("x", {"field": "related", "related": "place"}), "entities/book.json", "/properties/x/related", "related.path"),
    "lines in lines": (
        book("x", {"field": "lines", "properties": {"y": {"field": "lines", "properties": TITLE}}}),
        "entities/book.json", "/properties/x/properties/y", "lines.nested",
    ),
    "rule that is no condition": (
        {"entities/book": entity({}, rules=[{"name": "r", "when": "title", "message": "m"}])},
        "entities/book.json", "/rules/0/when", "expression.type",
    ),
    "rule beside an unknown field": (
        {"entities/book": entity({}, rules=[{"name": "r", "when": "true", "message": "m", "field": "titel"}])},
        "entities/book.json", "/rules/0/field", "field.unknown",
    ),
    "a value that a select lacks": (
        {"entities/book": entity({"s": {"enum": ["new", "old"]}}, rules=[{"name": "r", "when": "s == 'nwe'", "message": "m"}])},
        "entities/book.json", "/rules/0/when", "expression.option",
    ),
    "default of another type": (book("x", {"type": "integer", "defaultExpression": "'a'"}), "entities/book.json", "/properties/x/defaultExpression", "expression.type"),
    "sequence pattern": (book("x", {"field": "sequence", "sequence": "A-{yaer}-{n}"}), "entities/book.json", "/properties/x/sequence", "sequence.pattern"),
    "sequence without number": ({"sequences/s": {"pattern": "A-{year}"}}, "sequences/s.json", "/pattern", "sequence.pattern"),
    "form of nothing": ({"forms/f": {"entity": "boook"}, **BOOK}, "forms/f.json", "/entity", "entity.unknown"),
    "form with an unknown field": ({"forms/f": {"entity": "book", "items": [{"name": "m"}]}, **BOOK}, "forms/f.json", "/items/0/name", "field.unknown"),
    "form with an unknown section": ({"forms/f": {"entity": "book", "sections": [{"name": "a"}], "items": [{"name": "n", "section": "b"}]}, **BOOK}, "forms/f.json", "/items/0/section", "section.unknown"),
    "form with an unknown tab": ({"forms/f": {"entity": "book", "tabs": [{"name": "t"}], "sections": [{"name": "a", "tab": "x"}]}, **BOOK}, "forms/f.json", "/sections/0/tab", "tab.unknown"),
    "form rule": ({"forms/f": {"entity": "book", "items": [{"name": "n", "visibleWhen": "m > 1"}]}, **BOOK}, "forms/f.json", "/items/0/visibleWhen", "expression.name"),
    "form for an unknown role": ({"forms/f": {"entity": "book", "items": [{"name": "n", "roles": [{"name": "clrk"}]}]}, **BOOK}, "forms/f.json", "/items/0/roles/0/name", "role.unknown"),
    "columns of what has none": ({"forms/f": {"entity": "book", "items": [{"name": "n", "columns": ["a"]}]}, **BOOK}, "forms/f.json", "/items/0/columns", "columns.no_lines"),
    "column": ({"views/v": {"entity": "book", "columns": [{"name": "m"}]}, **BOOK}, "views/v.json", "/columns/0/name", "field.unknown"),
    "column over no link": ({"views/v": {"entity": "book", "columns": [{"name": "n.m"}]}, **BOOK}, "views/v.json", "/columns/0/name", "field.no_link"),
    "filter": ({"views/v": {"entity": "book", "filter": "n == 'a'"}, **BOOK}, "views/v.json", "/filter", "expression.type"),
    "sort": ({"views/v": {"entity": "book", "sort": ["-m"]}, **BOOK}, "views/v.json", "/sort/0", "field.unknown"),
    "menu entity": ({"menus/m": {"items": [{"name": "a", "entity": "bok"}]}, **BOOK}, "menus/m.json", "/items/0/entity", "entity.unknown"),
    "menu view": ({"menus/m": {"items": [{"name": "a", "entity": "book", "view": "bok"}]}, **BOOK}, "menus/m.json", "/items/0/view", "view.unknown"),
    "menu view of another entity": ({"menus/m": {"items": [{"name": "a", "entity": "book", "view": "user_list"}]}, **BOOK}, "menus/m.json", "/items/0/view", "view.entity"),
    "menu of nothing": ({"menus/m": {"items": [{"name": "a"}]}, **BOOK}, "menus/m.json", "/items/0", "menu.empty"),
    "role entity": ({"roles/r": {"entities": [{"name": "bok"}]}, **BOOK}, "roles/r.json", "/entities/0/name", "entity.unknown"),
    "role field": ({"roles/r": {"entities": [{"name": "book", "hidden": ["m"]}]}, **BOOK}, "roles/r.json", "/entities/0/hidden/0", "field.unknown"),
    "record rule": ({"roles/r": {"entities": [{"name": "book", "recordRules": [{"name": "a", "when": "m > 1"}]}]}, **BOOK}, "roles/r.json", "/entities/0/recordRules/0/when", "expression.name"),
    "data of nothing": ({"data/d": {"entity": "bok"}, **BOOK}, "data/d.json", "/entity", "entity.unknown"),
    "data field": ({"data/d": {"entity": "book", "records": [{"name": "a", "values": {"m": 1}}]}, **BOOK}, "data/d.json", "/records/0/values/m", "field.unknown"),
    "data reference": ({"data/d": {"entity": "book", "records": [{"name": "a", "values": {"n": {"$ref": "bok/b"}}}]}, **BOOK}, "data/d.json", "/records/0/values/n", "data.ref"),
    "data days": ({"data/d": {"entity": "book", "records": [{"name": "a", "values": {"day": {"$days": "x"}}}]}, **BOOK}, "data/d.json", "/records/0/values/day", "data.relative"),
}  # fmt: skip


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


def test_a_problem_names_layer_file_and_line_of_who_said_it(folder: Any) -> None:
    path = folder(
        {
            "entities/book.json": '{\n  "properties": {\n    "a": {"type": "string"},\n    "b": {"field": "link",\n      "target": "bok"}\n  }\n}'
        }
    )
    problem = compile_model([read_package(path)]).problems[0]
    assert (problem.layer, problem.file, problem.line) == ("shop", "entities/book.json", 5)
    tenant = {
        "entities/book": {"properties": {"a": {"field": "link", "target": "x"}, "b": {"target": "book"}}}
    }
    problems = compile_model([read_package(path)], tenant).problems
    assert {(problem.layer, problem.line) for problem in problems} == {("tenant", None)}


def test_lines_of_keyed_arrays_are_found_in_the_layer_that_said_them(folder: Any) -> None:
    path = folder(
        {
            "package.json": {"name": "more", "version": "1.0.0", "requires": {"library": "^1.2"}},
            "entities/book.json": '{\n "rules": [\n  {"name": "second",\n   "when": "nothing",\n   "message": "m"}\n ]\n}',
        }
    )
    problem = compile_model([read_package(PACKAGES / "library"), read_package(path)]).problems[0]
    assert (problem.layer, problem.path, problem.line) == ("more", "/rules/1/when", 4)


def test_a_package_extends_an_entity_of_another() -> None:
    library = read_package(PACKAGES / "library")
    more = Package("more", "1.0.0", "More", {"library": "^1.2"}, {})
    documents = {
        ("entities", "book"): {"properties": {"weight": {"type": "number"}, "isbn": {"title": "ISBN"}}}
    }
    sources = {
        key: type(next(iter(library.documents.values())))(*key, body) for key, body in documents.items()
    }
    model = model_of(compile_model([Package(**{**vars_of(more), "documents": sources}), library]))
    fields = model.entities["book"].fields
    assert (fields["weight"].layer, fields["isbn"].title, fields["isbn"].layer) == ("more", "ISBN", "library")


def vars_of(package: Package) -> dict[str, Any]:
    return {name: getattr(package, name) for name in ("name", "version", "title", "requires", "documents")}


def test_requirements_must_be_there_fit_and_have_an_end() -> None:
    def package(name: str, **requires: str) -> Package:
        return Package(name, "1.0.0", name, requires, {})

    cases = {
        "package.requires": [[package("a", b="*")], [package("a", b="^2"), package("b")]],
        "package.circle": [[package("a", b="*"), package("b", a="*")], [package("a", a="*")]],
        "package.twice": [[package("a"), package("a")]],
        "package.name": [[package("base")], [package("tenant")]],
    }
    for code, sets in cases.items():
        for packages in sets:
            assert code in [problem.code for problem in compile_model(packages).problems], (code, packages)
    order = compile_model([package("a", b="*"), package("b", c=">=1"), package("c")])
    assert order.problems == ()


def test_a_tenant_removes_adds_and_changes() -> None:
    library = read_package(PACKAGES / "library")
    tenant = {
        "entities/shelf": {"properties": {"label": {"type": "string"}}},
        "entities/book": {"properties": {"topics": None, "title": {"title": "Name of the book"}}},
        "forms/book": {"items": [{"name": "isbn", "$remove": True}, {"name": "title", "order": 99}]},
        "views/book_lost": None,
    }
    model = model_of(compile_model([library], tenant))
    assert "topics" not in model.entities["book"].fields
    assert model.entities["book"].fields["title"].title == "Name of the book"
    assert model.entities["shelf"].layer == "tenant"
    assert "shelf" in model.forms
    assert "book_lost" not in model.views
    assert [item.name for item in model.forms["book"].items][-1] == "title"
    assert "isbn" not in [item.name for item in model.forms["book"].items]


def test_a_tenant_patch_for_an_unknown_folder_is_a_problem() -> None:
    assert [p.code for p in compile_model([], {"entites/book": {}}).problems] == ["folder.unknown"]


def test_a_tenant_may_send_anything_and_gets_problems() -> None:
    bodies: list[Any] = [
        7, [], "x", {}, {"properties": []}, {"properties": {"a": 7}}, {"properties": None}, {"$replace": 3},
        {"rules": [{}]}, {"rules": {"name": 1}}, {"properties": {"a": {"oneOf": [1]}}}, {"required": "x"},
        {"properties": {"a": {"field": ["x"]}}}, {"properties": {"a": {"field": "rollup", "rollup": {"of": 1}}}},
        {"properties": {"a": {"type": ["string", "bad"]}}}, {"titleField": 3}, {"$defs": {"a": {"$ref": "#/$defs/a"}}},
    ]  # fmt: skip
    package, cache = read_package(PACKAGES / "plain"), CompileCache()
    for body in bodies:
        for folder in ("entities", "forms", "views", "menus", "roles", "sequences", "translations", "data"):
            compiled = compile_model([package], {f"{folder}/asset": body}, cache)
            assert compiled.model is not None or compiled.problems


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
    assert model_of(result).translations["de"]["entity.book"] == "B"


def test_twenty_five_entities_compile_cold_in_half_a_second(make_package: Callable[..., Package]) -> None:
    kinds: list[dict[str, Any]] = [
        {"type": "string", "maxLength": 80, "title": "T"}, {"field": "money", "minimum": 0}, {"type": "integer"},
        {"oneOf": [{"const": "a", "title": "A"}, {"const": "b", "title": "B"}]}, {"type": "string", "format": "date"},
    ]  # fmt: skip
    documents = {}
    for at in range(25):
        properties = {f"f{i}": {**kinds[i % 5], "description": f"Field {i} of {at}"} for i in range(26)}
        properties["next"] = {"field": "link", "target": f"e{(at + 1) % 25}"}
        properties["g"] = {"field": "formula", "formula": "f1 * f2"}
        properties["h"] = {"field": "formula", "formula": "next.g + f2"}
        properties["i"] = {"field": "formula", "formula": "f3 == 'a' && f4 > f9"}
        documents[f"entities/e{at}"] = {"properties": properties}
    package = make_package(documents)
    base_package()
    times = []
    for _ in range(3):
        start = time.process_time()
        model_of(compile_model([package]))
        times.append(time.process_time() - start)
    print("seconds", times)
    assert min(times) < 0.5
