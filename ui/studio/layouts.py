"""Arranged forms: what the editor sends, put into the form's document with as little said as possible.

The editor sends the whole arrangement: tabs hold sections, sections hold items. Titles come only where they were
edited, so that translated ones stay translated; orders are written only where an order changed.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from fieldstone.metadata.json_text import parse_json
from fieldstone.problems import FieldstoneError
from fieldstone.ui.studio.names import option_const

LONGEST_TITLE: Final = 120
FLAGS: Final = ("hidden", "required", "readOnly")


class BadLayout(FieldstoneError):
    """Something that the editor would not send."""

    code = "studio.layout"
    kind = "malformed"


def read_layout(text: str) -> list[dict[str, Any]]:
    """The tabs that the editor sent, checked. Raises BadLayout."""
    try:
        sent = parse_json(text.encode())
    except (FieldstoneError, UnicodeEncodeError) as error:
        raise BadLayout("The arrangement cannot be read.") from error
    return [
        {
            **_head(tab),
            "sections": [
                {
                    **_head(section),
                    "columns": _columns(section),
                    "items": [_item(item) for item in _list(section, "items")],
                }
                for section in _list(tab, "sections")
            ],
        }
        for tab in _list(sent, "tabs")
    ]


def _list(holder: Any, name: str) -> list[Any]:
    found = holder.get(name) if isinstance(holder, Mapping) else None
    if not isinstance(found, list) or len(found) > 1000:
        raise BadLayout("The arrangement cannot be read.")
    return found


def _text(holder: Any, name: str) -> str | None:
    value = holder.get(name) if isinstance(holder, Mapping) else None
    if value is not None and (not isinstance(value, str) or len(value) > LONGEST_TITLE):
        raise BadLayout("A title is too long.")
    return value.strip() if value else value


def _head(holder: Any) -> dict[str, Any]:
    return {"name": _text(holder, "name") or "", "title": _text(holder, "title")}


def _columns(section: Mapping[str, Any]) -> int | None:
    value = section.get("columns")
    return int(value) if value in (1, 2, 3, 4) else None


def _item(item: Any) -> dict[str, Any]:
    rules = item.get("rules") if isinstance(item, Mapping) else None
    if not isinstance(rules, Mapping):
        raise BadLayout("The arrangement cannot be read.")
    checked = {}
    for role, flags in rules.items():
        if not isinstance(flags, Mapping) or not all(value in (True, False) for value in flags.values()):
            raise BadLayout("The arrangement cannot be read.")
        checked[role] = {name: bool(flags[name]) for name in FLAGS if name in flags}
    return {**_head(item), "rules": checked}


def arranged(tabs: list[dict[str, Any]]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """The edit that gives a form's document this arrangement."""

    def change(body: dict[str, Any]) -> dict[str, Any]:
        _name_new(tabs, body)
        named = [tab for tab in tabs if tab["name"]]
        old_tabs, old_sections, old_items = (_by_name(body, part) for part in ("tabs", "sections", "items"))
        body["tabs"] = _ordered(old_tabs, [(tab, {}) for tab in named])
        sections, items = [], []
        for tab in tabs:
            for section in tab["sections"]:
                own = {"tab": tab["name"]} if named else {}
                if section["columns"] and section["columns"] != old_sections.get(section["name"], {}).get(
                    "columns", 2
                ):
                    own["columns"] = section["columns"]
                sections.append((section, own))
        body["sections"] = _ordered(old_sections, sections)
        for tab in tabs:
            for section in tab["sections"]:
                wanted = [(item, {"section": section["name"]}) for item in section["items"]]
                found = _ordered(old_items, wanted, _section_of(body, old_items), section["name"])
                items += [_ruled(new, item["rules"]) for new, (item, _) in zip(found, wanted, strict=True)]
        kept = [name for name in old_items if name in {item["name"] for item in items}]
        fresh = [item["name"] for item in items if item["name"] not in old_items]
        by_name = {item["name"]: item for item in items}
        body["items"] = [by_name[name] for name in (*kept, *fresh)]
        if not body["tabs"]:
            body.pop("tabs")
        return body

    return change


def _name_new(tabs: list[dict[str, Any]], body: Mapping[str, Any]) -> None:
    """Give names to the tabs and sections that have none yet."""
    taken_tabs = {*_by_name(body, "tabs"), *(tab["name"] for tab in tabs)}
    taken = {*_by_name(body, "sections"), *(section["name"] for tab in tabs for section in tab["sections"])}
    for tab in tabs:
        if not tab["name"] and len(tabs) > 1:
            tab["name"] = option_const(tab["title"] or "main", taken_tabs)
            tab["title"] = tab["title"] or str(body.get("title") or "Main")
            taken_tabs.add(tab["name"])
        for section in tab["sections"]:
            if not section["name"]:
                section["name"] = option_const(section["title"] or "section", taken)
                section["title"] = section["title"] or "…"
                taken.add(section["name"])


def _by_name(body: Mapping[str, Any], part: str) -> dict[str, dict[str, Any]]:
    return {str(each["name"]): each for each in body.get(part) or ()}


def _section_of(body: Mapping[str, Any], items: Mapping[str, Any]) -> Callable[[str], str]:
    first = str((body.get("sections") or [{"name": ""}])[0]["name"])
    return lambda name: str(items[name].get("section", first)) if name in items else ""


def _ordered(
    old: Mapping[str, dict[str, Any]],
    wanted: Iterable[tuple[dict[str, Any], dict[str, Any]]],
    group_of: Callable[[str], str] | None = None,
    group: str = "",
) -> list[dict[str, Any]]:
    """The elements in their new order, with `order` only where they stood in another one or came from elsewhere."""
    wanted = list(wanted)
    names = [each["name"] for each, _ in wanted]
    place = {name: each.get("order", at * 10) for at, (name, each) in enumerate(old.items(), 1)}
    before = [name for name in old if group_of is None or group_of(name) == group]
    before.sort(key=lambda name: place[name])
    same = [name for name in before if name in names] == names
    result = []
    for at, (each, own) in enumerate(wanted, 1):
        new = {**old.get(each["name"], {}), "name": each["name"], **own}
        if each["title"]:
            new["title"] = each["title"]
        if not same:
            new["order"] = at * 10
        result.append(new)
    if group_of is None and same:  # the document keeps its own sequence
        result.sort(key=lambda new: list(old).index(new["name"]))
    return result


def _ruled(item: dict[str, Any], rules: Mapping[str, Mapping[str, bool]]) -> dict[str, Any]:
    """The item with what holds for everyone and for single roles."""
    for flag, value in rules.get("", {}).items():
        if value or flag in item:
            item[flag] = value
    own = {role["name"]: role for role in item.get("roles", ())}
    for role, flags in rules.items():
        if role and flags:
            own[role] = {"name": role, **flags}
        elif role:
            own.pop(role, None)
    if own or "roles" in item:
        item["roles"] = list(own.values())
    return item
