"""The form of the import page as options of the engine.

Rows of the form that belong together are lists of the same length: one entry per target of a column, per
fixed value, per settled value.
"""

from typing import Any

from werkzeug.datastructures import MultiDict

from fieldstone.engine.imports import ImportOptions

FIXED = "*"
"""Begins the names under which fixed values are kept: they have no column."""

Form = MultiDict[str, str]


def options_of(form: Form) -> ImportOptions:
    """The decisions that a form says. Raises BadImportOptions."""
    mode = form.get("mode", "create")
    keys = [name for name in dict.fromkeys(form.getlist("key")) if name] if mode != "create" else []
    return ImportOptions.from_json(
        {
            "mode": mode,
            "key": keys,
            "mapping": {**_columns(form), **_fixed(form)},
            "values": _values(form),
            "partial": form.get("partial") == "true",
            "clear_blanks": form.get("clear_blanks") == "true",
            "sheet": form.get("sheet") or None,
            "encoding": form.get("encoding") or None,
            "delimiter": form.get("delimiter") or None,
            "header": _row(form.get("header", "")),
        }
    )


def _row(text: str) -> int | None:
    """The number of a row; None (it is found out) for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and 1 <= int(text[:5]) <= 1000 else None


def _columns(form: Form) -> dict[str, list[dict[str, Any]]]:
    mapping: dict[str, list[dict[str, Any]]] = {}
    lists = (form.getlist(f"target_{name}") for name in ("column", "field", "parse", "multiply"))
    for column, field, parse, multiply in zip(*lists, strict=False):
        targets = mapping.setdefault(column, [])
        if field:
            targets.append(
                {
                    "field": field,
                    "parse": parse or None,
                    "multiply": multiply.strip().replace(",", "") or None,
                }
            )
    return mapping


def _fixed(form: Form) -> dict[str, Any]:
    pairs = zip(form.getlist("fixed_field"), form.getlist("fixed_value"), strict=False)
    return {
        f"{FIXED}{field}": {"field": field, "const": value.strip()}
        for field, value in pairs
        if field and value.strip()
    }


def _values(form: Form) -> dict[str, dict[str, Any]]:
    """What the values that matched nothing stand for. An undecided one stands for itself."""
    values: dict[str, dict[str, Any]] = {}
    lists = (form.getlist(f"value_{name}") for name in ("field", "text", "choice", "near", "other"))
    mapped = set(form.getlist("target_field"))
    for field, text, choice, near, other in zip(*lists, strict=False):
        if field not in mapped:
            continue
        if choice == "blank":
            values.setdefault(field, {})[text] = None
        elif choice == "near" and near:
            values.setdefault(field, {})[text] = near
        elif choice == "other" and other.strip():
            values.setdefault(field, {})[text] = other.strip()
    return values
