from collections.abc import Mapping

import pytest

from fieldstone.ui.widgets.addresses import address_lines, one_line

CASES: Mapping[str, tuple[dict[str, str], str, list[str], str]] = {
    "Taiwan": (
        {"street": "力行六路 8 號", "district": "東區", "city": "新竹市", "postal_code": "300", "country": "TW"},
        "zh-Hant", ["300 台灣", "新竹市東區力行六路 8 號"], "300 台灣 新竹市東區力行六路 8 號",
    ),
    "Taiwan for a reader of English": (
        {"street": "力行六路 8 號", "city": "新竹市", "country": "TW"},
        "en", ["Taiwan", "新竹市力行六路 8 號"], "Taiwan 新竹市力行六路 8 號",
    ),
    "Taiwan in Latin letters": (
        {"street": "8 Lixing Rd", "district": "East", "city": "Hsinchu", "postal_code": "300", "country": "TW"},
        "en", ["8 Lixing Rd", "East", "Hsinchu 300", "Taiwan"], "8 Lixing Rd, East, Hsinchu 300, Taiwan",
    ),
    "China": (
        {"street": "张江路 1 号", "city": "上海市", "postal_code": "201203", "country": "CN"},
        "zh-Hans", ["201203 中国", "上海市张江路 1 号"], "201203 中国 上海市张江路 1 号",
    ),
    "Japan": (
        {"street": "1-1", "district": "千代田区", "region": "東京都", "postal_code": "100-0001", "country": "JP"},
        "ja", ["100-0001 日本", "東京都千代田区1-1"], "100-0001 日本 東京都千代田区1-1",
    ),
    "Korea": (
        {"street": "세종대로 1", "district": "중구", "city": "서울", "postal_code": "04524", "country": "KR"},
        "ja", ["04524 韓国", "서울 중구 세종대로 1"], "04524 韓国 서울 중구 세종대로 1",
    ),
    "United States": (
        {"street": "1 Main St", "city": "Springfield", "region": "IL", "postal_code": "62701", "country": "US"},
        "en", ["1 Main St", "Springfield, IL 62701", "United States"],
        "1 Main St, Springfield, IL 62701, United States",
    ),
    "United States without a city": (
        {"street": "1 Main St", "region": "IL", "country": "US"},
        "en", ["1 Main St", "IL", "United States"], "1 Main St, IL, United States",
    ),
    "Britain": (
        {"street": "1 High St", "city": "London", "postal_code": "SW1A 2AA", "country": "GB"},
        "zh-Hant", ["1 High St", "London", "SW1A 2AA", "英國"], "1 High St, London, SW1A 2AA, 英國",
    ),
    "Germany by name": (
        {"street": "Hauptstr. 5", "city": "Berlin", "postal_code": "10115", "country": "Germany"},
        "ja", ["Hauptstr. 5", "10115 Berlin", "ドイツ"], "Hauptstr. 5, 10115 Berlin, ドイツ",
    ),
    "no country": ({"street": "5 Rue X", "city": "Paris"}, "en", ["5 Rue X", "Paris"], "5 Rue X, Paris"),
    "no country, Han": ({"street": "路 1", "city": "台北市"}, "en", ["台北市路 1"], "台北市路 1"),
    "a country that is none": ({"city": "X", "country": "Atlantis"}, "en", ["X", "Atlantis"], "X, Atlantis"),
    "empty parts": ({"street": " ", "city": "X", "country": ""}, "en", ["X"], "X"),
}  # fmt: skip


@pytest.mark.parametrize(("value", "locale", "lines", "line"), CASES.values(), ids=CASES)
def test_an_address_stands_as_its_country_writes_it(
    value: dict[str, str], locale: str, lines: list[str], line: str
) -> None:
    assert address_lines(value, locale) == lines
    assert one_line(value, locale) == line
