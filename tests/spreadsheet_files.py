"""Workbooks for tests, made in memory: a list of suppliers in three languages, with what they make."""

import datetime
import io
from collections.abc import Mapping, Sequence
from typing import Any

from openpyxl import Workbook

SUPPLIERS: Sequence[Sequence[Any]] = (
    ("供应商名单 2026",),
    (),
    ("编号", "供应商名称", "类别", "国家", "联系人", "联系电话", "邮箱", "合作开始", "单价（元）", "税率", "是否启用", "标签", "备注"),
    ("S-001", "上海精密机械有限公司", "机械", "中国", "王小明", "+86 21 5555 0101", "wang@jingmi.example",
     datetime.date(2019, 3, 1), 1250.5, 0.13, "是", "电机,轴承", "长期合作"),
    ("S-002", "東京電子株式会社", "电子", "日本", "佐藤 健", "+81 3-5555-0102", "sato@tokyo.example",
     datetime.date(2020, 7, 15), 980, 0.1, "是", "芯片", "日本本社"),
    ("S-003", "Müller & Söhne GmbH", "机械", "德国", "Anna Müller", "+49 30 555 0103", "anna@mueller.example",
     datetime.date(2018, 1, 31), 2300.75, 0.19, "否", "轴承,齿轮", None),
    ("S-004", "台灣半導體股份有限公司", "电子", "台湾", "陳美玲", "+886 2 5555 0104", "chen@tsc.example",
     datetime.date(2021, 11, 5), 450, 0.05, "是", "芯片", "急"),
    ("S-005", "Acme Components Ltd.", "电子", "英国", "John Smith", "+44 20 5555 0105", "john@acme.example",
     datetime.date(2022, 2, 28), 120.2, 0.2, "是", "芯片,电机", None),
    ("S-006", "大阪金属工業", "金属", "日本", "鈴木 花子", "+81 6-5555-0106", "suzuki@osaka.example",
     datetime.date(2017, 9, 9), 88, 0.1, "否", "齿轮", "停产"),
)  # fmt: skip

PRODUCTS: Sequence[Sequence[Any]] = (
    ("产品代码", "品名", "供应商", "库存", "价格"),
    *((f"P{n:03}", f"零件 {n}", SUPPLIERS[3 + n % 6][1], n * 10, f"¥{n * 3 + 1}.50") for n in range(10)),
)


def workbook(
    sheets: Mapping[str, Sequence[Sequence[Any]]], formats: Mapping[str, str] | None = None
) -> bytes:
    """The bytes of a workbook. `formats` are number formats of columns by their letter, in every sheet."""
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
        for letter, shown in (formats or {}).items():
            for cell in sheet[letter]:
                cell.number_format = shown
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def suppliers() -> bytes:
    """Two sheets: suppliers, and products that name them."""
    return workbook({"供应商": SUPPLIERS, "产品": PRODUCTS}, {"J": "0%"})
