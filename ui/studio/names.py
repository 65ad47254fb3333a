"""Names made from what people write: a property's name from its label, an option's constant from its title."""

from collections.abc import Collection, Mapping
from typing import Any

from fieldstone.metadata.entities import name_problem

LONGEST = 40


def slug(text: str) -> str:
    """`Shoe size (EU)` -> `shoe_size_eu`; letters of every script stay: `鞋码` is a name as it is."""
    kept = "".join(c if c.isalnum() else " " for c in text.lower())
    return "_".join(kept.split())[:LONGEST].strip("_")


def property_name(label: str, known: Mapping[str, Any]) -> str:
    """A name for a new property that no other property has, in whatever case."""
    base = slug(label) or "field"
    if base[0].isdigit():
        base = f"f_{base}"[:LONGEST]
    taken = {name.lower() for name in known}
    return _free(base, lambda name: name.lower() in taken or name_problem(name, known) is not None)


def option_const(title: str, taken: Collection[str]) -> str:
    """A constant for an option that no other option of the field has."""
    return _free(slug(title) or "option", lambda name: name in taken)


def _free(base: str, is_taken: Any) -> str:
    name, number = base, 1
    while is_taken(name):
        number += 1
        end = f"_{number}"
        name = base[: LONGEST - len(end)] + end
    return name
