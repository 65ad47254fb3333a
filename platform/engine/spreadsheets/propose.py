"""From a file to a proposal: entities, names, types, keys, links, titles, as they would be best guessed."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Final

from fieldstone.engine.imports import Kind
from fieldstone.engine.spreadsheets.kinds import Guess, guess, is_key, misfits
from fieldstone.engine.spreadsheets.names import free_name, is_japanese
from fieldstone.engine.spreadsheets.proposal import LONGEST_TITLE, ColumnProposal, Proposal, SheetProposal
from fieldstone.engine.spreadsheets.relations import Relation, relations
from fieldstone.engine.spreadsheets.sheets import Column, Sheet, sheets_of
from fieldstone.engine.spreadsheets.words import HINTS, hints, meaning
from fieldstone.metadata.definitions import SYSTEM_FIELDS, Model
from fieldstone.metadata.entities import RESERVED, name_problem

TITLES: Final = ("name", "title", "company")
TITLE_TYPES: Final = ("text", "email", "phone", "url")
UNREAD: Final = ("select", "multi_select", "link", "parent")


def propose(content: bytes, kind: Kind, name: str, model: Model, currency: str) -> Proposal:
    """What a file would become. Raises UnreadableSource."""
    sheets = sheets_of(content, kind, name)
    japanese = is_japanese(_texts(sheets))
    guesses = {
        sheet.name: {c.heading: guess(c, japanese=japanese, currency=currency) for c in sheet.columns}
        for sheet in sheets
    }
    titles = {sheet.name: _title(sheet, guesses[sheet.name]) for sheet in sheets}
    found = relations(sheets, titles)
    links = {(each.sheet, each.column): each for each in found}
    named = {(each.target, each.by) for each in found}
    taken = {*model.entities, *RESERVED}
    made: list[SheetProposal] = []
    for sheet in sheets:
        entity = free_name(sheet.name, "table", taken, japanese=japanese, as_written=True)
        taken.add(entity)
        made.append(_sheet(sheet, entity, guesses[sheet.name], titles, links, named, japanese))
    return Proposal(tuple(made))


def _texts(sheets: Iterable[Sheet]) -> list[str]:
    """Headings and sheet names: what says the language of a file."""
    return [text for sheet in sheets for text in (sheet.name, *(column.heading for column in sheet.columns))]


def _sheet(
    sheet: Sheet,
    entity: str,
    guesses: Mapping[str, Guess],
    titles: Mapping[str, str],
    links: Mapping[tuple[str, str], Relation],
    named: Collection[tuple[str, str]],
    japanese: bool,
) -> SheetProposal:
    taken: set[str] = set(SYSTEM_FIELDS)
    columns: list[ColumnProposal] = []
    for column in sheet.columns:
        link = links.get((sheet.name, column.heading))
        name = _name(column, taken, japanese)
        taken |= (
            {name, f"{name}_currency", f"{name}_base"} if guesses[column.heading].type == "money" else {name}
        )
        is_title = column.heading == titles[sheet.name]
        referred = (sheet.name, column.heading) in named and not is_title
        columns.append(_column(sheet, column, name, guesses[column.heading], link, is_title, referred))
    title = next(each.name for each in columns if each.column == titles[sheet.name])
    return SheetProposal(
        sheet=sheet.name,
        name=entity,
        title=sheet.name[:LONGEST_TITLE],
        title_field=title,
        columns=tuple(columns),
        rows=sheet.rows,
    )


def _name(column: Column, taken: Collection[str], japanese: bool) -> str:
    usual = None if column.heading.isascii() else meaning(column.heading)
    wanted = usual if usual and usual not in taken else column.heading
    name = free_name(wanted, f"column_{column.place}", taken, japanese=japanese)
    return name if name_problem(name, {}) is None else f"{name[:36]}_{column.place}"


def _column(
    sheet: Sheet,
    column: Column,
    name: str,
    found: Guess,
    link: Relation | None,
    is_title: bool,
    referred: bool,
) -> ColumnProposal:
    made = ColumnProposal(
        column=column.heading,
        name=name,
        title=column.heading[:LONGEST_TITLE],
        type=found.type,
        use=bool(column.texts),
        required=bool(column.texts) and not column.blank and not found.blanks,
        unique=referred or (found.type in (*TITLE_TYPES, "integer") and is_key(column, sheet.rows)),
        options=found.options,
        currency=found.currency,
        parse=found.parse,
        scale=found.scale,
        blanks=found.blanks,
        samples=column.samples,
        filled=column.filled,
        distinct=len(column.texts),
    )
    if (is_title and made.type not in TITLE_TYPES) or referred:
        made = replace(made, type="text", options=(), currency=None, parse=None, scale=None, blanks=())
    if link is not None:
        kind = "parent" if link.target == sheet.name else "link"
        _, blanks = column.said()
        return replace(
            made, type=kind, target=link.target, unique=False, options=(), parse=None, blanks=blanks,
            required=made.required and kind == "link" and not blanks,
        )  # fmt: skip
    return made


def _title(sheet: Sheet, guesses: Mapping[str, Guess]) -> str:
    """The heading of the column that says what a row is called."""

    def rank(column: Column) -> tuple[bool, ...] | tuple[object, ...]:
        said = meaning(column.heading)
        textual = guesses[column.heading].type in TITLE_TYPES
        own = len(column.texts) * 2 >= column.filled
        blank = column.blank * 10 > sheet.rows
        return (
            not column.texts,
            not textual,
            guesses[column.heading].type != "text",
            blank,
            said not in TITLES,
            not own,
            bool(hints(column.heading) & {"key", "person"}) or said in HINTS["text"] - set(TITLES),
            column.place,
        )

    return min(sheet.columns, key=rank).heading


def refitted(proposal: Proposal, content: bytes, kind: Kind, name: str) -> Proposal:
    """The proposal with what its types cannot read counted again, and options where a type needs them."""
    sheets = {sheet.name: sheet for sheet in sheets_of(content, kind, name)}
    return replace(
        proposal,
        sheets=tuple(
            replace(each, columns=tuple(_refitted(column, sheets[each.sheet]) for column in each.columns))
            for each in proposal.sheets
        ),
    )


def _refitted(made: ColumnProposal, sheet: Sheet) -> ColumnProposal:
    column = sheet.column(made.column)
    assert column is not None
    if made.type in ("select", "multi_select"):
        options = made.options or tuple(text for text, _ in zip(column.texts, range(200), strict=False))
        return replace(made, options=options, misfits=0)
    if made.type in UNREAD:
        return replace(made, misfits=0)
    texts = {text: count for text, count in column.texts.items() if text not in made.blanks}
    return replace(made, misfits=misfits(made.type, texts, made.parse))
