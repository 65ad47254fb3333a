"""An amount with its currency, which travels beside it under the name `<field>_currency`."""

from collections.abc import Mapping
from typing import Any, ClassVar

from fieldstone.metadata.fields.base import JsonSchema, Source
from fieldstone.metadata.fields.currencies import currency_codes
from fieldstone.metadata.fields.decimal import SCALE, Decimal


class Money(Decimal):
    id = "money"
    title = "Money"
    description = (
        "An exact amount. Its currency is the property `<name>_currency` (left out: the field's `currency`, "
        "else the company's); `<name>_base` answers the amount in the company's currency. Stored amounts are "
        "rounded to the currency's digits."
    )
    vocabulary: ClassVar[Mapping[str, JsonSchema]] = {
        "scale": SCALE,
        "currency": {
            "type": "string",
            "description": "The ISO 4217 code of the currency where a body names none.",
        },
        "rateRequired": {
            "type": "boolean",
            "description": "Refuse a write when no exchange rate is known for its date.",
        },
    }

    def read(self, source: Source) -> dict[str, Any]:
        attributes = super().read(source)
        currency = source.ours.get("currency")
        if currency is not None and currency not in currency_codes():
            source.refuse("currency", "currency.unknown", f'"{currency}" is no ISO 4217 currency code')
        attributes["settings"] |= {
            "currency": currency,
            "rate_required": bool(source.ours.get("rateRequired")),
        }
        return attributes
