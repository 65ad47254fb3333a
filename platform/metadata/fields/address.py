"""A postal address in its parts."""

from typing import Final

from fieldstone.metadata.fields.parts import PartsType

PARTS: Final = {
    "street": "Street and number",
    "street2": "Building, floor, unit",
    "district": "District",
    "city": "City",
    "region": "State, province or region",
    "postal_code": "Postal code",
    "country": "Country",
}


class Address(PartsType):
    id = "address"
    title = "Address"
    description = (
        "A postal address: " + ", ".join(f"`{name}`" for name in PARTS) + ". Every part is optional; "
        "screens order them as the country does."
    )
    parts = PARTS

    def parse_words(self, text: str) -> dict[str, str] | None:
        return {"street": text} if text else None

    def format_words(self, value: dict[str, str]) -> str | None:  # type: ignore[override]
        return value.get("street") if list(value) == ["street"] else None
