"""From a file to definitions and records, through plan and publish."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from publish_world import Workshop, workshop
from spreadsheet_files import suppliers, workbook

from fieldstone.engine.context import Actor, Context
from fieldstone.engine.imports import ImportBusy, read_import
from fieldstone.engine.permissions import Denied
from fieldstone.engine.publish.errors import PlanStale
from fieldstone.engine.query.listing import list_records
from fieldstone.engine.query.request import ListRequest
from fieldstone.engine.spreadsheets import (
    BadProposal,
    Outcome,
    apply_spreadsheet,
    change_spreadsheet,
    continue_spreadsheet,
    drop_spreadsheet,
    plan_spreadsheet,
    read_spreadsheet,
    start_spreadsheet,
    unfinished,
)


@pytest.fixture(scope="module")
def shop(postgres_url: str) -> Iterator[Workshop]:
    """One tenant for all of these: each makes entities of its own."""
    with workshop(postgres_url, "spreadsheets") as made:
        yield made


def start(shop: Workshop, data: bytes, name: str = "list.xlsx") -> UUID:
    kind: Any = name.rpartition(".")[2]
    return start_spreadsheet(shop.engine, shop.context, data, kind, name)


def apply(shop: Workshop, draft: UUID, context: Context | None = None) -> Outcome:
    proposal = read_spreadsheet(shop.engine, shop.context, draft).proposal
    plan = shop.engine.read(shop.context, lambda tx: plan_spreadsheet(tx, proposal))
    assert not plan.problems, plan.problems
    return apply_spreadsheet(shop.engine, context or shop.context, draft, plan.base, plan.hash)


def records(shop: Workshop, entity: str, **more: Any) -> list[dict[str, Any]]:
    return shop.engine.read(
        shop.context, lambda tx: list_records(tx, entity, ListRequest(limit=200, **more))
    ).data


def test_a_list_of_suppliers_and_their_products_becomes_two_entities(shop: Workshop) -> None:
    before = shop.revision
    outcome = apply(shop, start(shop, suppliers()))
    assert outcome.revision == before + 1 == shop.revision
    assert [entity for entity, _ in outcome.imports] == ["supplier", "product"]
    for _, run in outcome.imports:
        result = read_import(shop.engine, shop.context, run)
        assert (result.state, result.failed, result.errors) == ("done", 0, ())
    found = {record["name"]: record for record in records(shop, "supplier")}
    assert len(found) == 6
    first = found["上海精密机械有限公司"]
    assert (str(first["tax_rate"]), first["active"], first["tags"]) == ("0.13", True, ["电机", "轴承"])
    assert (str(first["unit_price"]), first["category"]) == ("1250.50", "ji_xie")
    products = records(shop, "product")
    assert {str(record["supplier"]) for record in products} == {str(each["id"]) for each in found.values()}
    assert next(record for record in products if record["code"] == "P001")["price_currency"] == "CNY"
    model = shop.engine.read(shop.context, lambda tx: tx.model)
    entity = model.entities["supplier"]
    assert (entity.title, entity.title_field, entity.layer) == ("供应商", "name", "tenant")
    assert entity.fields["number"].unique and entity.fields["name"].required
    assert any(item.entity == "supplier" for menu in model.menus.values() for item in menu.items)


def test_what_somebody_changes_in_the_proposal_is_what_is_made(shop: Workshop) -> None:
    draft = start(shop, b"label,size,worth\none,12,5\ntwo,n/a,6\n", "parts list.csv")
    sent = {
        "sheets": [
            {
                "sheet": "parts list", "name": "bolt", "title": "Bolts",
                "columns": [
                    {"column": "size", "type": "text", "name": "length", "title": "Length", "blanks": []},
                    {"column": "worth", "use": False},
                ],
            }
        ]
    }  # fmt: skip
    change_spreadsheet(shop.engine, shop.context, draft, sent)
    apply(shop, draft)
    assert sorted((r["label"], r["length"]) for r in records(shop, "bolt")) == [("one", "12"), ("two", "n/a")]
    assert "worth" not in records(shop, "bolt")[0]


def test_values_that_a_chosen_type_cannot_read_are_counted_and_good_rows_are_kept(shop: Workshop) -> None:
    draft = start(shop, b"label,size\none,12\ntwo,wide\nthree,5\n", "parts.csv")
    sent = {
        "sheets": [{"sheet": "parts", "columns": [{"column": "size", "type": "integer", "required": False}]}]
    }
    changed = change_spreadsheet(shop.engine, shop.context, draft, sent)
    assert changed.proposal.sheets[0].columns[1].misfits == 1
    ((_, run),) = apply(shop, draft).imports
    result = read_import(shop.engine, shop.context, run)
    assert (result.created, result.failed) == (2, 1)
    assert [(error.row, error.column) for error in result.errors] == [(3, "size")]


@pytest.mark.parametrize(
    ("sheet", "column", "code"),
    [
        ({"name": "part"}, {}, "spreadsheet.name_taken"),
        ({"name": "metadata"}, {}, "spreadsheet.name_taken"),
        ({"name": "Größe"}, {}, "spreadsheet.name"),
        ({"title": ""}, {}, "spreadsheet.title"),
        ({"use": False}, {}, "spreadsheet.nothing"),
        ({"title_field": "nowhere"}, {}, "spreadsheet.title_field"),
        ({"roles": ["nobody"]}, {}, "spreadsheet.role"),
        ({}, {"name": "id"}, "spreadsheet.field_name"),
        ({}, {"name": "label"}, "spreadsheet.field_taken"),
        ({}, {"type": "link"}, "spreadsheet.target"),
        ({}, {"type": "money", "currency": "XXQ"}, "spreadsheet.currency"),
    ],
)
def test_what_cannot_be_made_is_said_in_terms_of_the_proposal(
    shop: Workshop, sheet: dict[str, Any], column: dict[str, Any], code: str
) -> None:
    draft = start(shop, b"label,size\none,12\n", "bolts.csv")
    sent = {"sheets": [{"sheet": "bolts", **sheet, "columns": [{"column": "size", **column}]}]}
    changed = change_spreadsheet(shop.engine, shop.context, draft, sent)
    with pytest.raises(BadProposal) as refused:
        shop.engine.read(shop.context, lambda tx: plan_spreadsheet(tx, changed.proposal))
    assert [problem.code for problem in refused.value.problems] == [code]


@pytest.mark.parametrize(
    "sent",
    [
        [],
        {"sheets": 1},
        {"sheets": [{"sheet": "other"}]},
        {"sheets": [{"sheet": "bolts", "colour": "red"}]},
        {"sheets": [{"sheet": "bolts", "title": 5}]},
        {"sheets": [{"sheet": "bolts", "columns": [{"column": "none"}]}]},
        {"sheets": [{"sheet": "bolts", "columns": [{"column": "size", "type": "magic"}]}]},
        {"sheets": [{"sheet": "bolts", "columns": [{"column": "size", "options": "x"}]}]},
    ],
    ids=["list", "no list", "sheet", "keyword", "type", "column", "field type", "options"],
)
def test_a_proposal_that_is_none_is_refused_and_nothing_is_kept_of_it(shop: Workshop, sent: Any) -> None:
    draft = start(shop, b"label,size\none,12\n", "bolts.csv")
    before = read_spreadsheet(shop.engine, shop.context, draft).proposal
    with pytest.raises(BadProposal):
        change_spreadsheet(shop.engine, shop.context, draft, sent)
    assert read_spreadsheet(shop.engine, shop.context, draft).proposal == before


def test_only_who_manages_definitions_may(shop: Workshop) -> None:
    draft = start(shop, b"label\none\n", "bolts.csv")
    reader = replace(shop.context, actor=Actor(UUID(int=7), "reader", frozenset()))
    with pytest.raises(Denied):
        start_spreadsheet(shop.engine, reader, b"label\none\n", "csv", "bolts.csv")
    with pytest.raises(Denied):
        read_spreadsheet(shop.engine, reader, draft)
    with pytest.raises(Denied):
        drop_spreadsheet(shop.engine, reader, draft)


def test_it_is_made_once_and_a_plan_that_is_old_is_refused(shop: Workshop) -> None:
    draft = start(shop, b"label\none\n", "screws.csv")
    with pytest.raises(PlanStale):
        apply_spreadsheet(shop.engine, shop.context, draft, shop.revision, "no seal")
    assert "screws" not in shop.engine.read(shop.context, lambda tx: tx.model).entities
    apply(shop, draft)
    with pytest.raises(ImportBusy):
        apply_spreadsheet(shop.engine, shop.context, draft, shop.revision, "no seal")
    with pytest.raises(ImportBusy):
        drop_spreadsheet(shop.engine, shop.context, draft)


def test_a_draft_can_be_forgotten(shop: Workshop) -> None:
    draft = start(shop, b"label\none\n", "bolts.csv")
    assert draft in {each[0] for each in shop.engine.read(shop.context, unfinished)}
    drop_spreadsheet(shop.engine, shop.context, draft)
    assert draft not in {each[0] for each in shop.engine.read(shop.context, unfinished)}


def test_many_rows_are_a_job_s_and_gone_on_with_by_sheet(shop: Workshop) -> None:
    rows = [("code", "label"), *((f"C-{n}", f"name {n}") for n in range(1100))]
    links = [("word", "bit"), *((f"word {n}", f"name {n}") for n in range(5))]
    draft = start(shop, workbook({"Uses": links, "Bits": rows}))
    outcome = apply(shop, draft)
    assert outcome.later and [entity for entity, _ in outcome.imports] == ["bits", "uses"]
    assert not records(shop, "bits")
    results = continue_spreadsheet(shop.engine, shop.context, draft)
    assert [(result.state, result.created, result.failed) for result in results] == [
        ("done", 1100, 0),
        ("done", 5, 0),
    ]
    assert continue_spreadsheet(shop.engine, shop.context, draft) == results
