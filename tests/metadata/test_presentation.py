"""Which form, lists, menus and texts a reader gets."""

from pathlib import Path

import pytest

from fieldstone.metadata.compile import compile_model
from fieldstone.metadata.definitions import Model
from fieldstone.metadata.documents import read_package
from fieldstone.metadata.presentation import (
    Labels,
    form_for,
    forms_of,
    label,
    list_view,
    list_views,
    locale_chain,
    menus_for,
)

PACKAGES = Path(__file__).parents[1] / "packages"


@pytest.fixture(scope="module")
def model() -> Model:
    tenant = {
        "forms/book_short": {"entity": "book", "roles": ["reader"], "items": [{"name": "title"}]},
        "forms/book_other": {"entity": "book", "items": [{"name": "isbn"}]},
    }
    compiled = compile_model([read_package(PACKAGES / "library")], tenant)
    assert compiled.problems == ()
    assert compiled.model is not None
    return compiled.model


def test_a_form_is_tabs_of_sections_of_items_in_order(model: Model) -> None:
    layout = form_for(model, "book", ["librarian"])
    assert layout is not None
    found = {
        tab.name: {s.section.name: [i.name for i in s.items] for s in tab.sections} for tab in layout.tabs
    }
    assert found == {
        "main": {"cover": ["status", "title", "author", "isbn", "price", "found_by"], "inside": ["summary"]},
        "shelves": {"copies": ["copies"]},
    }
    assert layout.tabs[1].visible_when is not None
    items = {item.name: item for item in layout.items}
    assert items["isbn"].required_when is not None
    assert items["found_by"].visible_when is not None
    assert items["copies"].columns == ("shelf", "pieces")


def test_what_differs_for_a_role_is_applied(model: Model) -> None:
    price = {}
    for role in ("librarian", "reader", "clerk"):
        layout = form_for(model, "book", [role], "book")
        assert layout is not None
        price[role] = next(((i.required, i.read_only) for i in layout.items if i.name == "price"), None)
    assert price == {"librarian": (True, False), "reader": None, "clerk": (False, False)}


def test_what_the_entity_demands_is_on_every_form(model: Model) -> None:
    layout = form_for(model, "book", ["clerk"], "book")
    assert layout is not None
    assert next(item.required for item in layout.items if item.name == "title")
    generated = form_for(model, "loan", ["clerk"])
    assert generated is not None
    assert next(item.read_only for item in generated.items if item.name == "late"), (
        "computed fields cannot be written"
    )


def test_a_form_for_a_role_comes_before_the_default_one(model: Model) -> None:
    assert [form.name for form in forms_of(model, "book", ["reader"])] == ["book_short", "book", "book_other"]
    assert [form.name for form in forms_of(model, "book", ["librarian"])] == ["book", "book_other"]
    assert form_for(model, "book", ["librarian"], "book_short") is None
    assert form_for(model, "nothing", ["librarian"]) is None


def test_lists_are_those_of_the_reader(model: Model) -> None:
    assert [view.name for view in list_views(model, "book", ["librarian"])] == ["book_lost", "book_list"]
    assert [view.name for view in list_views(model, "book", ["reader"])] == ["book_list"]
    names = {
        role: [c.name for c in view.columns]
        for role in ("librarian", "reader")
        if (view := list_view(model, "book", [role], "book_list"))
    }
    assert names["librarian"] == ["title", "author", "author.country", "status", "price"]
    assert names["reader"] == ["title", "author", "author.country", "status"]
    view = list_view(model, "book", ["reader"])
    assert view is not None
    assert view.columns[2].path == ("author", "country")


def test_menus_hold_what_a_reader_may_read(model: Model) -> None:
    def shown(*roles: str) -> dict[str, list[str]]:
        return {menu.name: [item.name for item in menu.items] for menu in menus_for(model, roles)}

    assert shown("librarian") == {"library": ["authors", "books", "loans"]}
    assert shown("reader") == {"library": ["books", "loans"]}
    assert shown() == {}
    assert list(shown("administrator")) == ["library", "administration"]


CHAINS = {
    "en": ("en",), "ja": ("ja", "en"), "zh-Hant": ("zh-Hant", "en"), "zh-Hans": ("zh-Hans", "en"),
    "zh-TW": ("zh-TW", "zh-Hant", "en"),
    "zh-Hant-HK": ("zh-Hant-HK", "zh-Hant", "en"), "zh": ("zh", "zh-Hans", "en"),
    "de-CH": ("de-CH", "de", "en"), "en-GB": ("en-GB", "en"),
}  # fmt: skip


@pytest.mark.parametrize(("locale", "chain"), CHAINS.items(), ids=CHAINS)
def test_texts_are_looked_for_in_this_order(locale: str, chain: tuple[str, ...]) -> None:
    assert locale_chain(locale) == chain


def test_texts_fall_back_to_what_the_document_says(model: Model) -> None:
    assert label(model, "zh-Hant", "field.book.title", "Title") == "書名"
    assert label(model, "zh-TW", "field.book.title", "Title") == "書名"
    assert label(model, "ja", "field.book.title", "Title") == "Title"
    assert label(model, "ja", "system.created_at", "x") == "作成日時"
    assert label(model, "de", "system.created_at", "x") == "Created"


def test_every_text_of_a_screen_has_a_label(model: Model) -> None:
    zh, en = Labels(model, "zh-Hant"), Labels(model, "en")
    book, loan = model.entities["book"], model.entities["loan"]
    form, generated = model.forms["book"], model.forms["loan"]
    assert (zh.entity(book), en.plural(book)) == ("書籍", "Books")
    assert zh.help(book, book.fields["title"]) == "封面上的書名。"
    assert (
        zh.option(book, book.fields["status"], "new"),
        en.option(book, book.fields["status"], "used"),
    ) == ("新", "Used")
    assert zh.rule(book, "isbn_when_used", "m") == "二手書需要書號"
    assert zh.section(form, form.sections[0]) == "封面"
    assert zh.section(generated, generated.sections[0]) == "基本資料"
    assert zh.item(form, next(i for i in form.items if i.name == "title")) == "書名"
    assert zh.view(model.views["book_list"]) == "所有書籍"
    assert zh.view(model.views["loan_list"]) == "Loans"
    assert en.path("loan", ("book", "author", "name")) == "Book / Author / Name"
    assert zh.path("book", ("owner_id", "name")) == "負責人 / 姓名"
    assert en.column(model.views["book_list"], "author.country", ("author", "country")) == "From"
    library = model.menus["library"]
    assert zh.menu(library) == "圖書館"
    assert zh.menu_item(library, next(i for i in library.items if i.name == "books")) == "所有書籍"
    assert en.menu_item(library, next(i for i in library.items if i.name == "loans")) == "Loans"
    assert (zh.role("librarian"), zh.role("administrator"), en.role("ghost")) == ("館員", "管理員", "ghost")
    assert zh.entity(model.entities["book__copies"]) == "Copies"
    assert loan.title == "Loan"
