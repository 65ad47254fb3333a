"""Files, record by record: CSV, XLSX, JSON, NDJSON."""

import csv
import io
from datetime import date, datetime
from decimal import Decimal
from typing import Any, BinaryIO, Final, Protocol

import msgspec
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from fieldstone.engine.exports.columns import Column
from fieldstone.engine.imports.guard import escape_xlsx, guard

Record = dict[str, Any]
MAX_CELL: Final = 32_767
EXACT_DIGITS: Final = 15
"""Digits that a spreadsheet keeps of a number; longer ones are written as text."""


class Writer(Protocol):
    """Writes records to the file that it was made for."""

    def begin(self) -> None: ...

    def write(self, record: Record) -> None: ...

    def end(self) -> None: ...


def cell(column: Column, value: Any) -> str:
    """The text of a cell; guarded unless it is a number's or a date's."""
    text = column.text(value) if value is not None else ""
    return text if isinstance(value, int | float | Decimal | date) else guard(text)


class _Csv:
    def __init__(self, target: BinaryIO, columns: list[Column]) -> None:
        self.columns = columns
        self.text = io.TextIOWrapper(target, encoding="utf-8-sig", errors="replace", newline="")
        self.rows = csv.writer(self.text)

    def begin(self) -> None:
        self.rows.writerow([guard(column.title) for column in self.columns])

    def write(self, record: Record) -> None:
        self.rows.writerow([cell(column, record.get(column.name)) for column in self.columns])

    def end(self) -> None:
        self.text.flush()
        self.text.detach()


class _Xlsx:
    def __init__(self, target: BinaryIO, columns: list[Column]) -> None:
        self.target, self.columns = target, columns
        self.book = Workbook(write_only=True)
        self.sheet = self.book.create_sheet("Records")

    def begin(self) -> None:
        self.sheet.freeze_panes = "A2"
        self.sheet.append([self._text(guard(column.title)) for column in self.columns])

    def write(self, record: Record) -> None:
        self.sheet.append([self._cell(column, record.get(column.name)) for column in self.columns])

    def _cell(self, column: Column, value: Any) -> Any:
        if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
            digits = sum(char.isdigit() for char in str(value))
            if digits <= EXACT_DIGITS and (not isinstance(value, Decimal) or value.is_finite()):
                return value
        if isinstance(value, date) and not isinstance(value, datetime) and value.year >= 1900:
            return value
        text = cell(column, value)
        return self._text(text) if text else None

    def _text(self, text: str) -> WriteOnlyCell:
        """A cell that is text whatever it begins with."""
        made = WriteOnlyCell(self.sheet, ILLEGAL_CHARACTERS_RE.sub("", escape_xlsx(text))[:MAX_CELL])
        made.data_type = "s"
        return made

    def end(self) -> None:
        self.book.save(self.target)


class _Json:
    """One array, or with `lines` one object per line: records as the API answers them."""

    def __init__(self, target: BinaryIO, columns: list[Column], *, lines: bool) -> None:
        self.target, self.lines, self.first = target, lines, True
        self.names = [column.name for column in columns]
        self.encoder = msgspec.json.Encoder(decimal_format="string", uuid_format="canonical")

    def begin(self) -> None:
        if not self.lines:
            self.target.write(b"[")

    def write(self, record: Record) -> None:
        chosen = {name: record.get(name) for name in self.names}
        mark = b"" if self.lines else b"\n" if self.first else b",\n"
        self.first = False
        self.target.write(mark + self.encoder.encode(chosen) + (b"\n" if self.lines else b""))

    def end(self) -> None:
        if not self.lines:
            self.target.write(b"\n]\n")


def csv_writer(target: BinaryIO, columns: list[Column]) -> Writer:
    return _Csv(target, columns)


def xlsx_writer(target: BinaryIO, columns: list[Column]) -> Writer:
    return _Xlsx(target, columns)


def json_writer(target: BinaryIO, columns: list[Column]) -> Writer:
    return _Json(target, columns, lines=False)


def ndjson_writer(target: BinaryIO, columns: list[Column]) -> Writer:
    return _Json(target, columns, lines=True)
