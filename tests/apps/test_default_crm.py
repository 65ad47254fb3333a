"""The default CRM compiles, speaks four languages, explains every field; its demo data keeps its rules."""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import opencc
import pytest

from fieldstone.expressions import Bindings, evaluate
from fieldstone.metadata.compile import compile_model
from fieldstone.metadata.definitions import Entity, Model
from fieldstone.metadata.documents import Package, read_package
from fieldstone.metadata.validation import validator_for

ROOT = Path(__file__).parents[2] / "apps" / "default_crm"
ENTITIES = (
    "access_request", "activity", "campaign", "contact", "contract", "credit_investigation", "customer", "expense_claim",
    "lead", "opportunity", "payment", "payment_plan", "price_book", "product", "quote", "ticket",
)  # fmt: skip
OF_NOBODY = ("product", "price_book")
"""Entities whose records belong to the company rather than to somebody."""
WIDENED = ("user",)
"""Entities of the base layer that get more fields."""
ROLES = {
    "sales_manager", "sales_representative", "finance", "support_agent", "read_only", "general_manager", "legal",
}  # fmt: skip
LOCALES = {"zh_hans": "zh-Hans", "zh_hant": "zh-Hant", "ja": "ja"}
SAME_IN_ALL_LANGUAGES = {
    "A",
    "B",
    "C",
    "D",
    "QQ",
    "LINE",
    "LINE ID",
    "WeChat",
    "WeCom",
    "WeChat ID",
    "WeCom ID",
    "kg",
    "m",
    *("TWD", "USD", "CNY", "JPY", "EUR", "HKD", "SGD", "KRW", "GBP", "VND"),
}
TODAY = date(2025, 3, 31)
NOW = datetime(2025, 3, 31, 9, tzinfo=UTC)


@cache
def package() -> Package:
    return read_package(ROOT)


@cache
def model() -> Model:
    compiled = compile_model([package()])
    assert compiled.problems == ()
    assert compiled.model is not None
    return compiled.model


def documents(folder: str) -> dict[str, Mapping[str, Any]]:
    return {
        name: document.body
        for (kind, name), document in sorted(package().documents.items())
        if kind == folder
    }


def own_entities() -> list[Entity]:
    """The package's entities, with their lines."""
    return [e for e in model().entities.values() if (e.parent[0] if e.parent else e.name) in ENTITIES]


def test_package_compiles_without_a_problem_or_a_note() -> None:
    compiled = compile_model([package()])
    assert [str(problem) for problem in compiled.problems] == []
    assert [str(note) for note in compiled.notes] == []
    assert set(documents("entities")) == {*ENTITIES, *WIDENED}


def schemas(entity: str, body: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Each property of an entity and of its lines: entity name, field name, schema."""
    for name, schema in body["properties"].items():
        yield entity, name, schema
        if schema.get("field") == "lines":
            yield from schemas(f"{entity}__{name}", schema)


ALL_SCHEMAS = [
    found
    for name in (*ENTITIES, *WIDENED)
    for found in schemas(name, json.loads((ROOT / f"entities/{name}.json").read_text("utf-8")))
]


@pytest.mark.parametrize(
    ("entity", "name", "schema"), ALL_SCHEMAS, ids=[f"{e}.{n}" for e, n, _ in ALL_SCHEMAS]
)
def test_every_field_has_a_title_and_help(entity: str, name: str, schema: Mapping[str, Any]) -> None:
    assert schema["title"].strip()
    assert len(schema["description"]) >= 8
    assert schema["description"].endswith(".")
    assert schema["description"] != schema["title"]
    for option in schema.get("oneOf", ()):
        assert option["title"].strip()


@pytest.mark.parametrize("entity", ENTITIES)
def test_entity_is_named_explained_and_pictured(entity: str) -> None:
    body = documents("entities")[entity]
    assert body["title"] != body["plural"]
    assert body["description"]
    assert body["icon"]
    assert body["titleField"] in body["properties"]


@pytest.mark.parametrize("entity", ENTITIES)
def test_default_form_shows_every_field_and_the_owner(entity: str) -> None:
    (form,) = [f for f in documents("forms").values() if f["entity"] == entity and f.get("default")]
    shown = {item["name"] for item in form["items"]}
    assert shown == {*documents("entities")[entity]["properties"], "owner_id"} - (
        {"owner_id"} if entity in OF_NOBODY else set()
    )


def test_customer_card_has_the_four_blocks_of_the_paper() -> None:
    sections = documents("forms")["customer"]["sections"]
    assert [s["name"] for s in sections if s["tab"] == "card"] == [
        "basic",
        "organization",
        "payment",
        "remarks",
    ]


@pytest.mark.parametrize("entity", ENTITIES)
def test_entity_has_one_default_list_and_one_of_ones_own(entity: str) -> None:
    views = [v for v in documents("views").values() if v["entity"] == entity]
    assert len([v for v in views if v.get("default")]) == 1
    assert len(views) >= 2
    if entity not in OF_NOBODY:
        assert any("owner_id == user.id" in v.get("filter", "") for v in views)


def test_every_entity_is_in_the_menu() -> None:
    assert {item["entity"] for menu in documents("menus").values() for item in menu["items"]} == set(ENTITIES)


# --- languages


def expected_texts() -> dict[str, str]:
    """Every key that the documents need, with its source text."""
    texts: dict[str, str] = {}
    for name, body in documents("entities").items():
        if name not in WIDENED:
            texts |= {
                f"entity.{name}": body["title"],
                f"entity.{name}.plural": body["plural"],
                f"help.{name}": body["description"],
            }
        texts |= {f"rule.{name}.{rule['name']}": rule["message"] for rule in body.get("rules", ())}
        texts |= {f"duplicate.{name}.{rule['name']}": rule["title"] for rule in body.get("duplicates", ())}
        for conversion in body.get("conversions", ()):
            key = f"conversion.{name}.{conversion['name']}"
            texts |= {key: conversion["title"]}
            texts |= {f"{key}.{made['name']}": made["title"] for made in conversion["creates"]}
        for entity, field, schema in schemas(name, body):
            for rule in schema.get("rules", ()):
                texts[f"rule.{entity}__{field}.{rule['name']}"] = rule["message"]
            texts |= {
                f"field.{entity}.{field}": schema["title"],
                f"help.{entity}.{field}": schema["description"],
            }
            options = schema.get("oneOf") or schema.get("items", {}).get("oneOf", ())
            texts |= {f"option.{entity}.{field}.{o['const']}": o["title"] for o in options}
            for each in schema.get("transitions", ()):
                texts[f"transition.{entity}.{field}.{each['name']}"] = each["title"]
    for name, body in documents("forms").items():
        if "title" in body:
            texts[f"form.{name}"] = body["title"]
        for part in ("tab", "section", "item"):
            for member in body.get(f"{part}s", ()):
                if "title" in member:
                    texts[f"form.{name}.{part}.{member['name']}"] = member["title"]
    texts |= {f"view.{name}": body["title"] for name, body in documents("views").items()}
    texts |= {f"sequence.{name}": body["title"] for name, body in documents("sequences").items()}
    for name, body in documents("menus").items():
        texts |= {f"menu.{name}": body["title"]} | {
            f"menu.{name}.{i['name']}": i["title"] for i in body["items"]
        }
    for name, body in documents("workflows").items():
        texts |= {f"workflow.{name}": body["title"], f"help.workflow.{name}": body["description"]}
        texts |= dict(steps_told(name, body["steps"]))
    texts |= {f"automation.{name}": body["title"] for name, body in documents("automations").items()}
    for name, body in documents("roles").items():
        texts |= {f"role.{name}": body["title"], f"role.{name}.help": body["description"]}
    return texts


def steps_told(workflow: str, steps: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """Titles and help of steps and ways, those within others too."""
    for step in steps:
        yield f"workflow.{workflow}.step.{step['name']}", step["title"]
        if "description" in step:
            yield f"help.workflow.{workflow}.step.{step['name']}", step["description"]
        for way in step.get("ways", ()):
            yield f"workflow.{workflow}.way.{way['name']}", way["title"]
            yield from steps_told(workflow, way["steps"])


@pytest.mark.parametrize("name", LOCALES)
def test_message_templates_speak_every_language(name: str) -> None:
    for template in documents("templates").values():
        for part in ("subject", "text"):
            assert template[part][LOCALES[name]].strip(), (template["title"], part)


@pytest.mark.parametrize("name", LOCALES)
def test_translation_is_complete(name: str) -> None:
    translation = documents("translations")[name]
    assert translation["locale"] == LOCALES[name]
    texts, expected = translation["texts"], expected_texts()
    assert sorted(expected.keys() - texts.keys()) == [], "missing"
    assert sorted(texts.keys() - expected.keys()) == [], "nothing has these texts any more"
    copied = {
        k: v
        for k, v in texts.items()
        if (v == expected[k] and v not in SAME_IN_ALL_LANGUAGES) or not v.strip()
    }
    assert copied == {}


def test_simplified_chinese_has_no_traditional_characters() -> None:
    convert = opencc.OpenCC("t2s").convert
    texts = documents("translations")["zh_hans"]["texts"]
    assert {key: text for key, text in texts.items() if convert(text) != text} == {}


# --- roles


def test_each_role_says_what_it_may_do_with_every_entity() -> None:
    roles = documents("roles")
    assert set(roles) == ROLES
    for name, body in roles.items():
        assert set(ENTITIES) <= {grant["name"] for grant in body["entities"]}, name


@pytest.mark.parametrize(
    ("entity", "read"),
    [
        ("customer", "team"), ("contact", "team"), ("lead", "team"), ("activity", "team"), ("opportunity", "own"),
        ("quote", "own"), ("contract", "own"), ("expense_claim", "own"),
    ],
)  # fmt: skip
def test_representative_changes_own_records_and_manager_those_below(entity: str, read: str) -> None:
    """Customers are seen by the team, so that nobody calls one twice; deals are one's own."""
    verbs = model().roles["sales_representative"].grants[entity].verbs
    assert (verbs["read"], verbs["update"]) == (read, "own")
    assert model().roles["sales_manager"].grants[entity].verbs["read"] == "team_and_below"


def test_who_asks_for_a_credit_limit_waits_for_approval_and_only_some_see_costs() -> None:
    roles = model().roles
    may_set = set()
    for name in ROLES:
        grant = roles[name].grants["customer"]
        if grant.verbs.get("update", "none") != "none" and "credit_limit" not in grant.locked | grant.hidden:
            may_set.add(name)
    assert may_set == {"finance", "sales_manager", "sales_representative", "general_manager"}
    assert documents("entities")["customer"]["properties"]["credit_limit"]["approval"] == "credit_limit"
    sees_cost = {name for name in ROLES if not {"cost", "margin"} & roles[name].grants["product"].hidden}
    assert sees_cost == {"finance", "sales_manager", "general_manager"}


# --- demo data


def demo() -> dict[tuple[str, str], Mapping[str, Any]]:
    """(entity, name) -> values, in the order of the files."""
    found: dict[tuple[str, str], Mapping[str, Any]] = {}
    for body in documents("demo").values():
        for record in body.get("records", ()):
            key = (body["entity"], record["name"])
            assert key not in found, f"{key} stands twice"
            found[key] = record["values"]
    return found


def references(value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        if "$ref" in value:
            entity, _, name = value["$ref"].partition("/")
            yield entity, name
        for member in value.values():
            yield from references(member)
    elif isinstance(value, list):
        for member in value:
            yield from references(member)


def resolved(value: Any) -> Any:
    """Values as the API would take them on TODAY."""
    if isinstance(value, Mapping):
        if "$ref" in value:
            return str(uuid5(NAMESPACE_URL, value["$ref"]))
        if "$time" in value:
            return f"{(TODAY + timedelta(days=value['$days'])).isoformat()}T{value['$time']}:00Z"
        if "$hours" in value:
            return (NOW + timedelta(hours=value["$hours"])).strftime("%Y-%m-%dT%H:%M:%SZ")
        if "$days" in value:
            return (TODAY + timedelta(days=value["$days"])).isoformat()
        return {name: resolved(member) for name, member in value.items()}
    return [resolved(member) for member in value] if isinstance(value, list) else value


def test_demo_has_enough_of_everything_to_look_around() -> None:
    counts: dict[str, int] = {}
    for entity, _ in demo():
        counts[entity] = counts.get(entity, 0) + 1
    wanted = {
        "customer": 60,
        "contact": 120,
        "product": 25,
        "opportunity": 90,
        "quote": 30,
        "lead": 20,
        "campaign": 5,
        "price_book": 3,
        "contract": 8,
        "payment_plan": 24,
        "payment": 15,
        "expense_claim": 15,
        "ticket": 30,
        "activity": 150,
        "user": 7,
        "team": 3,
        "role_grant": 7,
    }
    assert {name: counts.get(name, 0) for name, least in wanted.items() if counts.get(name, 0) < least} == {}
    stages = {values["stage"] for (entity, _), values in demo().items() if entity == "opportunity"}
    assert stages == {option.const for option in model().entities["opportunity"].fields["stage"].options}


def test_demo_references_lead_to_demo_records() -> None:
    records = demo()
    for key, values in records.items():
        for target in references(values):
            assert target in records, f"{key} refers to {target}"


def test_demo_can_be_loaded_without_going_back() -> None:
    """Entities have an order, and within one entity records refer to earlier ones only."""
    needs: dict[str, set[str]] = {}
    order = {key: place for place, key in enumerate(demo())}
    for key, values in demo().items():
        for target in references(values):
            if target[0] == key[0]:
                assert order[target] < order[key], f"{key} refers to the later {target}"
            else:
                needs.setdefault(key[0], set()).add(target[0])
    done: set[str] = set()
    left = {entity for entity, _ in demo()}
    while left:
        ready = {entity for entity in left if needs.get(entity, set()) <= done}
        assert ready, f"these refer to each other in a circle: {sorted(left)}"
        done |= ready
        left -= ready


def broken_rules(entity: Entity, values: Mapping[str, Any], bindings: Bindings) -> list[str]:
    """The rules, and the fields required under a condition, that a new record of these values would break."""
    stored = {**dict.fromkeys(entity.fields), **values}
    broken = [rule.name for rule in entity.rules if evaluate(rule.when, stored, bindings=bindings) is True]
    for name, field in entity.fields.items():
        if field.default_expression and stored[name] is None:
            stored[name] = evaluate(field.default_expression, stored, bindings=bindings)
        needed = field.required_when and evaluate(field.required_when, stored, bindings=bindings) is True
        if needed and stored[name] is None:
            broken.append(name)
    return broken


def test_demo_records_have_valid_values() -> None:
    """Rules and links are checked where the records are loaded: `test_screens.py`."""
    problems = []
    for (name, record), values in demo().items():
        entity = model().entities[name]
        validated = validator_for(entity, model().entities).validate(resolved(values), "create")
        problems += [f"{name}/{record}{problem.path} {problem.message}" for problem in validated.problems]
    assert problems == []


def test_demo_owners_sell_and_quotes_match_their_opportunity() -> None:
    records = demo()
    sellers = {
        next(iter(references(values["user"])))
        for (entity, _), values in records.items()
        if entity == "role_grant" and values["role"] == "sales_representative"
    }
    for (entity, name), values in records.items():
        if entity in ("customer", "contact", "opportunity", "quote", "contract"):
            assert next(references(values["owner_id"])) in sellers, name
        if entity == "contract" and values["status"] == "active":
            quote = records[next(references(values["quote"]))]
            assert quote["status"] == "accepted", name
            assert [quote[part] for part in ("customer", "opportunity", "lines")] == [
                values[part] for part in ("customer", "opportunity", "lines")
            ], name
        if entity == "quote":
            deal = records[next(references(values["opportunity"]))]
            assert (deal["customer"], deal["owner_id"]) == (values["customer"], values["owner_id"]), name
        if entity in ("opportunity", "quote"):
            person = records[next(references(values["contact"]))]
            assert person["customer"] == values["customer"], name


# --- money


def quote_of(lines: list[dict[str, Any]], rounding: str) -> dict[str, Any]:
    """A quote with its formulas, as the engine computes them: lines first, each after those it reads."""
    quote, line = model().entities["quote"], model().entities["quote__lines"]

    def computed(entity: Entity, values: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
        for name in names:
            formula = entity.fields[name].formula
            assert formula is not None
            values[name] = evaluate(formula, values)
        return values

    rows = [computed(line, {"unit_price_currency": "TWD", **row}, ("net", "tax", "gross")) for row in lines]
    names = ("list_total", "subtotal", "discount_total", "tax_total", "total")
    return computed(quote, {"lines": rows, "tax_rounding": rounding}, names)


@pytest.mark.parametrize(
    ("rounding", "tax", "total"), [("line", "0.10", "0.60"), ("document", "0.07", "0.57")]
)
def test_tax_is_rounded_as_the_quote_says(rounding: str, tax: str, total: str) -> None:
    row = {
        "quantity": Decimal(1),
        "unit_price": Decimal("0.05"),
        "discount": None,
        "tax_rate": Decimal("0.13"),
    }
    quote = quote_of([row] * 10, rounding)
    assert (quote["subtotal"], quote["tax_total"], quote["total"]) == (
        Decimal("0.50"),
        Decimal(tax),
        Decimal(total),
    )


def test_discount_comes_off_before_tax_and_missing_rates_are_none() -> None:
    quote = quote_of(
        [
            {
                "quantity": Decimal(3),
                "unit_price": Decimal("100"),
                "discount": Decimal("0.1"),
                "tax_rate": Decimal("0.05"),
            },
            {"quantity": Decimal(1), "unit_price": Decimal("-20"), "discount": None, "tax_rate": None},
        ],
        "line",
    )
    assert {name: str(quote[name].normalize()) for name in ("discount_total", "tax_total")} == {
        "discount_total": "3E+1",
        "tax_total": "13.5",
    }
    assert quote["subtotal"] == 250
    assert quote["total"] == Decimal("263.5")


# --- what other systems bring along


SOMEBODY = "01890a5d-ac96-774b-bcce-b302099a8057"
ACCOUNT = {
    "name": "Northgate Mills", "industry": "retail", "founded": "1996-01-01", "employees": 2822,
    "annual_revenue": "1100040000.00", "country": "US", "parent_customer": SOMEBODY,
}  # fmt: skip
ENGAGED = {"reference": "Z063OYW0", "stage": "engaging", "engage_date": "2016-10-25"}
CLOSED = ENGAGED | {"close_date": "2017-03-11"}


@pytest.mark.parametrize(
    ("entity", "body"),
    [
        pytest.param("customer", ACCOUNT, id="account"),
        pytest.param("product", {"name": "MX Basic", "series": "MX", "sales_price": 550}, id="product"),
        pytest.param(
            "opportunity", {"reference": "1C1I7A6R", "stage": "prospecting"}, id="deal without account"
        ),
        pytest.param("opportunity", ENGAGED, id="deal engaged"),
        pytest.param("opportunity", CLOSED | {"stage": "lost", "amount": "0"}, id="deal lost for nothing"),
        pytest.param(
            "opportunity", CLOSED | {"stage": "won", "amount": "588", "owner_id": SOMEBODY}, id="deal won"
        ),
    ],
)
def test_rows_of_a_sales_pipeline_fit(entity: str, body: dict[str, Any]) -> None:
    definition = model().entities[entity]
    validated = validator_for(definition, model().entities).validate(body, "create")
    assert [str(problem) for problem in validated.problems] == []
    assert broken_rules(definition, validated.values, Bindings(today=TODAY)) == []


def test_every_rule_has_a_scenario_and_names_a_field() -> None:
    """Scenarios are run by `test_scenarios.py`; here only that no rule is without one."""
    rules = {
        (entity.name.partition("__")[0], rule.name) for entity in own_entities() for rule in entity.rules
    }
    shown: set[tuple[str, str]] = set()
    for body in documents("tests").values():
        for step in (step for scenario in body["scenarios"] for step in scenario["steps"]):
            entity = step.get("entity") or step["record"].partition("/")[0]
            if "rule" in step.get("then", {}):
                shown.add((entity, step["then"]["rule"]))
    assert sorted(rules - shown) == []
    assert all(rule.field in entity.fields for entity in own_entities() for rule in entity.rules)


def test_every_conversion_and_every_entity_has_a_scenario() -> None:
    steps = [
        s for body in documents("tests").values() for scenario in body["scenarios"] for s in scenario["steps"]
    ]
    converted = {step["conversion"] for step in steps if step["do"] == "convert"}
    assert converted == {each.name for maps in model().conversions.values() for each in maps}
    assert {step.get("entity") for step in steps if step["do"] == "create"} >= set(ENTITIES)
