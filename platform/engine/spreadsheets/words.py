"""What headings of columns usually mean, in English, Chinese and Japanese: a readable name, and a hint at the type.

A heading is compared without case, width, accents and Chinese variants (`fold`), whole or by how it ends, so
`联系电话` ends with `电话`. The first row that fits wins; longer words stand before those that they end with.
"""

import re
from collections.abc import Mapping
from typing import Final

from fieldstone.engine.search import fold

NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "email": ("email", "e-mail", "mail", "邮箱", "电子邮件", "邮件", "電郵", "メール", "メールアドレス", "eメール"),
    "mobile": ("mobile", "cell", "手机", "手机号", "手机号码", "行動電話", "携帯", "携帯電話", "携帯番号"),
    "fax": ("fax", "传真", "传真号码", "ファックス", "ファクス"),
    "phone": ("phone", "telephone", "tel", "电话", "电话号码", "電話番号", "联系方式", "聯絡電話"),
    "website": ("website", "web", "homepage", "url", "网站", "网址", "官网", "主页", "ホームページ", "ウェブサイト"),
    "postcode": ("postcode", "zip", "zip code", "postal code", "邮编", "邮政编码", "郵遞區號", "郵便番号"),
    "address": ("address", "地址", "住址", "住所", "所在地"),
    "city": ("city", "town", "城市", "市", "都市"),
    "province": ("province", "state", "prefecture", "省", "省份", "都道府県"),
    "country": ("country", "国家", "国", "国别", "国家/地区", "国・地域"),
    "region": ("region", "area", "地区", "区域", "地域", "エリア"),
    "contact": ("contact", "contact person", "联系人", "聯絡人", "担当", "担当者", "担当者名", "窗口", "窓口"),
    "currency": ("currency", "币种", "货币", "幣別", "通貨"),
    "unit_price": ("unit price", "单价", "単価"),
    "price": ("price", "价格", "定价", "報價", "価格", "値段"),
    "amount": ("amount", "sum", "total", "金额", "总额", "总价", "合計", "合計金額", "総額"),
    "cost": ("cost", "成本", "费用", "費用", "原価"),
    "tax_rate": ("tax rate", "税率", "消費税率"),
    "discount": ("discount", "折扣", "割引", "割引率"),
    "rate": ("rate", "share", "比例", "比率", "百分比", "割合", "率"),
    "quantity": ("quantity", "qty", "pieces", "count", "数量", "件数", "个数", "個数"),
    "birthday": ("birthday", "date of birth", "生日", "出生日期", "生年月日"),
    "founded": ("founded", "established", "成立日期", "成立时间", "創立", "設立", "設立日"),
    "date": ("date", "day", "日期", "日付", "年月日"),
    "time": ("time", "时间", "時刻", "日時"),
    "year": ("year", "年", "年份", "年度"),
    "status": ("status", "state of things", "状态", "狀態", "ステータス", "状況"),
    "category": ("category", "class", "group", "类别", "分类", "类目", "カテゴリ", "カテゴリー", "区分"),
    "type": ("type", "kind", "类型", "種類", "種別", "タイプ"),
    "level": ("level", "grade", "rank", "rating", "等级", "级别", "评级", "評価", "ランク"),
    "language": ("language", "语言", "言語"),
    "tags": ("tags", "labels", "keywords", "标签", "標籤", "关键字", "タグ", "キーワード"),
    "notes": ("notes", "note", "remarks", "remark", "comment", "comments", "备注", "说明", "備考", "メモ", "コメント"),
    "description": ("description", "描述", "简介", "概要", "説明"),
    "code": ("code", "代码", "代號", "编码", "コード"),
    "number": ("number", "no", "no.", "nr", "编号", "号", "号码", "番号", "序号"),
    "department": ("department", "部门", "部署", "部"),
    "company": ("company", "公司", "公司名称", "企业", "会社", "会社名", "社名", "企業名"),
    "name": ("name", "名称", "名字", "姓名", "名", "名前", "氏名", "全名", "名稱"),
    "title": ("title", "标题", "題名", "タイトル", "品名", "書名"),
    "supplier": ("supplier", "vendor", "供应商", "供货商", "仕入先", "サプライヤー"),
    "product": ("product", "产品", "商品", "製品"),
    "employee": ("employee", "员工", "职员", "社員", "従業員"),
    "warehouse": ("warehouse", "仓库", "倉庫"),
    "equipment": ("equipment", "设备", "設備"),
    "material": ("material", "物料", "材料", "原材料"),
    "project": ("project", "项目", "專案", "プロジェクト"),
    "brand": ("brand", "品牌", "ブランド"),
    "model": ("model", "型号", "型番"),
    "stock": ("stock", "库存", "在庫"),
    "specification": ("specification", "spec", "规格", "仕様", "規格"),
    "unit": ("unit", "单位", "単位"),
    "active": ("active", "enabled", "是否启用", "启用", "有効", "在用"),
}  # fmt: skip
"""From a readable name to the headings that mean it."""

HINTS: Final[Mapping[str, frozenset[str]]] = {
    "phone": frozenset(("phone", "mobile", "fax")),
    "money": frozenset(("unit_price", "price", "amount", "cost", "currency")),
    "percent": frozenset(("tax_rate", "discount", "rate")),
    "name": frozenset(("name", "title", "company")),
    "person": frozenset(("contact",)),
    "choice": frozenset(
        ("status", "category", "type", "level", "country", "region", "language", "province", "currency", "department")
    ),
    "key": frozenset(("code", "number")),
    "text": frozenset(("postcode", "address", "code", "number", "name", "title", "contact", "company", "city")),
    "long": frozenset(("notes", "description")),
    "tags": frozenset(("tags",)),
}  # fmt: skip
"""What a readable name says of the type."""

_EXTRA: Final = re.compile(r"[（(\[【].*?[)）\]】]|[*＊:：#]")
_LATIN: Final = re.compile(r"[a-z]+")


def heading(text: str) -> str:
    """A heading without what stands in brackets, stars and colons, folded."""
    return fold(_EXTRA.sub(" ", text)).strip(" _-.")


_EXACT: Final = {heading(word): name for name, words in reversed(tuple(NAMES.items())) for word in words}
_ENDINGS: Final = sorted((word for word in _EXACT if not word.isascii()), key=len, reverse=True)


def meaning(text: str) -> str | None:
    """The readable name of what a heading means, by the whole of it or by its end."""
    folded = heading(text)
    found = _EXACT.get(folded) or _EXACT.get(folded.replace("_", " "))
    if found or not folded:
        return found
    if folded.isascii():
        return _EXACT.get(_LATIN.findall(folded)[-1]) if _LATIN.search(folded) else None
    return next((_EXACT[word] for word in _ENDINGS if folded.endswith(word) and len(word) > 1), None)


def exact_meaning(text: str) -> str | None:
    """The readable name of a heading that says just that."""
    folded = heading(text)
    return _EXACT.get(folded)


def hints(text: str) -> frozenset[str]:
    """What a heading says of its column: keys of `HINTS`."""
    name = meaning(text)
    return frozenset(hint for hint, names in HINTS.items() if name in names)
