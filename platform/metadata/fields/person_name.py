"""A person's name in its parts."""

import re
from typing import Final

from fieldstone.metadata.fields.parts import PartsType

PARTS: Final = {
    "prefix": "Prefix",
    "given": "Given name",
    "middle": "Middle name",
    "family": "Family name",
    "suffix": "Suffix",
}

HAN_NAME: Final = re.compile(r"[\u4e00-\u9fff]{2,4}")


class PersonName(PartsType):
    id = "person_name"
    title = "Person's name"
    description = (
        "A name: " + ", ".join(f"`{name}`" for name in PARTS) + ". Every part is optional; "
        "screens order them as the language does. Tables may write the name as people do."
    )
    parts = PARTS

    def parse_words(self, text: str) -> dict[str, str] | None:
        if HAN_NAME.fullmatch(text):
            return {"given": text[1:], "family": text[0]}
        given, _, family = text.rpartition(" ")
        if not family:
            return None
        return {"given": given.strip(), "family": family} if given else {"family": family}

    def format_words(self, value: dict[str, str]) -> str | None:  # type: ignore[override]
        if not set(value) <= {"given", "family"} or "family" not in value:
            return None
        given, family = value.get("given", ""), value["family"]
        return family + given if HAN_NAME.fullmatch(family + given) else f"{given} {family}".strip()
