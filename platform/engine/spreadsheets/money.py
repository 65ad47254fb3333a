"""Which currency a column of amounts is in, from its signs, its number format or its heading."""

import re
from typing import Final

from fieldstone.engine.spreadsheets.sheets import Column
from fieldstone.metadata.fields.currencies import currency_codes

SIGNS: Final = (
    ("NT$", "TWD"), ("HK$", "HKD"), ("US$", "USD"), ("S$", "SGD"), ("A$", "AUD"), ("C$", "CAD"), ("R$", "BRL"),
    ("人民币", "CNY"), ("人民幣", "CNY"), ("台币", "TWD"), ("台幣", "TWD"), ("新臺幣", "TWD"), ("美元", "USD"),
    ("美金", "USD"), ("日元", "JPY"), ("日圓", "JPY"), ("欧元", "EUR"), ("歐元", "EUR"), ("港币", "HKD"),
    ("港幣", "HKD"), ("€", "EUR"), ("£", "GBP"), ("₩", "KRW"), ("₹", "INR"), ("円", "JPY"), ("RMB", "CNY"),
    ("NTD", "TWD"), ("元", "CNY"), ("$", "USD"),
)  # fmt: skip
"""Signs and words, the longer before what they hold."""

_YEN: Final = ("¥", "￥")
_CODE: Final = re.compile(r"(?<![A-Za-z])[A-Z]{3}(?![A-Za-z])")


def currency_in(text: str, *, japanese: bool) -> str | None:
    """The currency that a text names. The sign ¥ is yen in Japanese and yuan in Chinese."""
    for code in _CODE.findall(text):
        if code in currency_codes():
            return str(code)
    for sign, code in SIGNS:
        if sign in text:
            return code
    return ("JPY" if japanese else "CNY") if any(sign in text for sign in _YEN) else None


def currency_of_column(column: Column, *, japanese: bool) -> str | None:
    """The one currency of a column; None when it names none, or several."""
    found = {currency_in(text, japanese=japanese) for text in column.texts}
    named = found - {None}
    if len(named) == 1:
        return named.pop()
    if named:
        return None
    shown = re.sub(r"\[\$([^\]-]*)[^\]]*\]", r"\1", column.format)
    return currency_in(shown.replace('"', ""), japanese=japanese) or currency_in(
        "".join(re.findall(r"[（(\[]([^)）\]]*)[)）\]]", column.heading)), japanese=japanese
    )
