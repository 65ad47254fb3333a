"""What counts as the same, way by way: pairs that agree, and pairs that must not."""

import pytest

from fieldstone.engine.duplicates.comparing import comparable

SAME = {
    "width": ("text", "ＡＢＣ１２３", "abc123"),
    "accents and punctuation": ("text", "Café  No.1", "CAFE no1"),
    "script": ("text", "臺灣積體電路", "台湾积体电路"),
    "kana": ("text", "カメラ", "かめら"),
    "English forms": ("company_name", "ACME Inc.", "Acme, Incorporated"),
    "several forms": ("company_name", "Acme Co., Ltd.", "ACME"),
    "German forms": ("company_name", "Müller GmbH & Co. KG", "Muller"),
    "dotted form": ("company_name", "Dupont S.A.R.L.", "Dupont"),
    "leading article": ("company_name", "The Acme Company", "Acme"),
    "Chinese forms": ("company_name", "台積電股份有限公司", "台积电有限公司"),
    "mainland form": ("company_name", "大同股份公司", "大同股份有限公司"),
    "short form": ("company_name", "大同(股)公司", "大同股份有限公司"),
    "Japanese form in front": ("company_name", "株式会社あおば", "あおば株式会社"),
    "Japanese form as a sign": ("company_name", "㈱あおば", "（株）アオバ"),
    "Japanese limited": ("company_name", "有限会社山田", "山田㈲"),
    "form after Latin name": ("company_name", "Acme 股份有限公司", "ACME Ltd"),
    "names in any order": ("person_name", "Ada Lovelace", "LOVELACE, Ada"),
    "title": ("person_name", "Dr. Ada Lovelace", "ada lovelace"),
    "name in parts": ("person_name", {"given": "Ada", "family": "Lovelace"}, "Ada Lovelace"),
    "Chinese name in parts": ("person_name", {"given": "小明", "family": "王"}, "王 小明"),
    "Chinese title": ("person_name", "王小明先生", "王小明"),
    "country prefix": ("phone", "+886 2 2345-6789", "(02) 2345 6789"),
    "prefix by zeros": ("phone", "0049 (0)30 123456", "+49 30 123456"),
    "trunk in brackets": ("phone", "+44 (0)20 7946 0000", "020 7946 0000"),
    "extension": ("phone", "02-2345-6789 ext. 12", "02 2345 6789 #3"),
    "full width": ("phone", "０２－２３４５－６７８９", "0223456789"),
    "North America": ("phone", "1 (415) 555-2671", "415-555-2671"),
    "China": ("phone", "+86 138 0013 8000", "13800138000"),
    "China without plus": ("phone", "8613800138000", "138-0013-8000"),
    "Japan": ("phone", "+81-3-1234-5678", "03-1234-5678"),
    "e-mail": ("email", " Ada@Example.ORG", "ada@example.org"),
    "tax number": ("tax_number", "12-345 678", "12345678"),
    "exact": ("exact", "A", "A"),
}


@pytest.mark.parametrize(("how", "left", "right"), SAME.values(), ids=SAME)
def test_these_are_the_same(how: str, left: object, right: object) -> None:
    assert comparable(how, left) == comparable(how, right) != ""


DIFFERENT = {
    "another company": ("company_name", "Acme Tools Ltd", "Acme Foods Ltd"),
    "a branch": ("company_name", "大同有限公司台北分公司", "大同有限公司"),
    "a form inside a word": ("company_name", "Cobalt", "Balt"),
    "other person": ("person_name", "Ada Lovelace", "Ada Byron"),
    "order of Han": ("person_name", "王小明", "明小王"),
    "other number": ("phone", "02 2345 6789", "02 2345 6780"),
    "other e-mail": ("email", "ada@example.org", "ada@example.com"),
    "exact case": ("exact", "A", "a"),
}


@pytest.mark.parametrize(("how", "left", "right"), DIFFERENT.values(), ids=DIFFERENT)
def test_these_are_not(how: str, left: object, right: object) -> None:
    assert comparable(how, left) != comparable(how, right)


NOTHING = {
    "nothing": ("text", None),
    "empty": ("text", ""),
    "only punctuation": ("text", " -- "),
    "a short number": ("phone", "110"),
    "no digits": ("phone", "ask"),
}


@pytest.mark.parametrize(("how", "value"), NOTHING.values(), ids=NOTHING)
def test_there_is_nothing_to_compare(how: str, value: object) -> None:
    assert comparable(how, value) == ""


def test_a_name_that_is_only_a_legal_form_stays() -> None:
    assert comparable("company_name", "有限公司") == "有限公司"
    assert comparable("company_name", "Limited") == "limited"
