"""The parts of addresses and names, in the order in which a language writes them."""

from typing import Final

from fieldstone.ui.widgets.addresses import LARGE_TO_SMALL, SMALL_TO_LARGE

NAME_FAMILY_LAST: Final = ("prefix", "given", "middle", "family", "suffix")
NAME_FAMILY_FIRST: Final = ("family", "given", "prefix", "suffix")
"""Chinese and Japanese names have no middle name; one that is there is kept."""


def parts_of(type_name: str, locale: str) -> tuple[str, ...]:
    """The parts that a control asks for, in order."""
    family_first = locale.startswith(("zh", "ja"))
    if type_name == "address":
        return LARGE_TO_SMALL if family_first else SMALL_TO_LARGE
    return NAME_FAMILY_FIRST if family_first else NAME_FAMILY_LAST
