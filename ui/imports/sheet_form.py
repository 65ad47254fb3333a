"""The form of a proposal: what a browser sends, as changes of the engine's proposal.

Fields are named by place: `s0.title` is the title of the first sheet, `s0.c3.type` the type of its fourth
column. A box that is not ticked is not sent, so every flag that is missing is off.
"""

from typing import Any, Final

from werkzeug.datastructures import MultiDict

from fieldstone.engine.spreadsheets import ColumnProposal, Proposal, SheetProposal

Form = MultiDict[str, str]
FLAGS: Final = ("use", "required", "unique")
LONGEST: Final = 120


def sent_proposal(form: Form, proposal: Proposal) -> dict[str, Any]:
    """What the form says of every sheet that it holds."""
    sheets = []
    for place, sheet in enumerate(proposal.sheets):
        if f"s{place}.title" in form:
            sheets.append(_sheet(form, f"s{place}", sheet))
    return {"sheets": sheets}


def _sheet(form: Form, at: str, sheet: SheetProposal) -> dict[str, Any]:
    columns = [
        _column(form, f"{at}.c{place}", column)
        for place, column in enumerate(sheet.columns)
        if f"{at}.c{place}.title" in form
    ]
    named = {each["column"]: each["name"] for each in columns}
    called = form.get(f"{at}.called", "")
    number = int(called) if called.isdecimal() else -1
    found: dict[str, Any] = {
        "sheet": sheet.sheet,
        "use": f"{at}.use" in form,
        "title": _line(form, f"{at}.title"),
        "name": _line(form, f"{at}.name") or sheet.name,
        "roles": form.getlist(f"{at}.roles"),
        "columns": columns,
    }
    if 0 <= number < len(sheet.columns):
        column = sheet.columns[number]
        found["title_field"] = named.get(column.column, column.name)
    return found


def _column(form: Form, at: str, column: ColumnProposal) -> dict[str, Any]:
    kind = form.get(f"{at}.type", column.type)
    found: dict[str, Any] = {
        "column": column.column,
        "title": _line(form, f"{at}.title"),
        "name": _line(form, f"{at}.name") or column.name,
        "type": kind,
        **{flag: f"{at}.{flag}" in form for flag in FLAGS},
    }
    if f"{at}.options" in form:
        lines = (" ".join(line.split()) for line in form.get(f"{at}.options", "").splitlines())
        found["options"] = list(dict.fromkeys(line[:LONGEST] for line in lines if line))
    if f"{at}.target" in form:
        found["target"] = form.get(f"{at}.target") or None
    if f"{at}.currency" in form:
        found["currency"] = _line(form, f"{at}.currency").upper() or None
    if kind != column.type:
        found |= {"parse": None, "scale": None}
    return found


def _line(form: Form, name: str) -> str:
    """A text of one line, without what cannot be printed."""
    return " ".join("".join(c if c.isprintable() else " " for c in form.get(name, "")).split())[:LONGEST]
