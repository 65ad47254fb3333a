"""One of several options, of which some go only with certain values of another field."""

from collections.abc import Mapping
from typing import Any, ClassVar

from fieldstone.metadata.definitions import Field
from fieldstone.metadata.fields.base import JsonSchema, Source
from fieldstone.metadata.fields.select import Select


class DependentSelect(Select):
    id = "dependent_select"
    title = "Dependent choice"
    description = (
        "A choice whose options depend on the value of the field that `dependsOn` names: an option with `when` goes "
        'only with those values, such as `{"const": "oak", "when": ["wood"]}`; one without goes with all. What does '
        "not fit is refused on every path; forms offer only what fits."
    )
    vocabulary: ClassVar[Mapping[str, JsonSchema]] = {
        "dependsOn": {
            "type": "string",
            "description": "The field of the same record (or line) whose value decides which options fit.",
        }
    }

    def read(self, source: Source) -> dict[str, Any]:
        above = source.ours.get("dependsOn")
        if not isinstance(above, str):
            source.refuse(
                "", "dependsOn", 'a dependent choice needs "dependsOn", the field that decides about it'
            )
        return {**super().read(source), "settings": {"depends_on": above if isinstance(above, str) else ""}}


def fits(definition: Field, value: Any, above: Any) -> bool:
    """Whether an option goes with the value of the other field; an unknown one is not judged here."""
    option = next((each for each in definition.options if each.const == value), None)
    if option is None or option.when is None:
        return True
    return ("true" if above is True else "false" if above is False else above) in option.when
