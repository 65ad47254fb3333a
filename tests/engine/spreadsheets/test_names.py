"""Names for the API from headings in any script."""

import pytest

from fieldstone.engine.spreadsheets.names import free_name


@pytest.mark.parametrize(
    ("text", "japanese", "name"),
    [
        ("Unit price (USD)", False, "unit_price"),
        ("E-Mail", False, "email"),
        ("电话", False, "phone"),
        ("合作开始", False, "he_zuo_kai_shi"),
        ("重要程度", False, "zhong_yao_cheng_du"),
        ("電話番号", True, "phone"),
        ("キャッシュ", True, "kyasshu"),
        ("取引開始日", True, "torihikikaishibi"),
        ("Zoë's Größe", False, "zoe_s_grosse"),
        ("Поставщик", False, "column_3"),
        ("2026", False, "column_2026"),
        ("x" * 60, False, "x" * 40),
    ],
)
def test_a_name_is_readable(text: str, japanese: bool, name: str) -> None:
    assert free_name(text, "column_3", (), japanese=japanese) == name


def test_a_taken_name_is_numbered_within_forty_characters() -> None:
    taken = {"phone", "phone_2", "x" * 40}
    assert free_name("电话", "column_1", taken) == "phone_3"
    assert free_name("x" * 60, "column_1", taken) == "x" * 38 + "_2"
