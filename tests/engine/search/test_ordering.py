import pytest

from fieldstone.engine.search import sort_index, sort_keys

ORDERS = [
    pytest.param("en", "apple Banana éclair Eclairs fig Öl zoo", id="case and accents"),
    pytest.param("de", "Ａｂｃ abd Straße Strasser", id="width and sharp s"),
    pytest.param("zh-Hans", "apple Zebra 长沙 车 陈晨 李四 王小明 张伟", id="pinyin, after Latin"),
    pytest.param("zh-Hans", "妈 麻 马 骂", id="tones"),
    pytest.param("zh-Hans", "路 驴 绿 乱", id="lü between lu and luan"),
    pytest.param("zh-Hans", "重庆 银行 中国 重量", id="characters with two readings"),
    pytest.param("zh-Hans", "欧阳修 单雄信 解小龙 曾国藩", id="family names"),
    pytest.param("zh-Hans", "陳 李 張", id="traditional characters by the same readings"),
    pytest.param("zh-Hant", "apple 一 丁 王 台 李 張 陳 臺", id="strokes"),
    pytest.param("zh-Hant-TW", "丁一 丁王 王一", id="second character"),
    pytest.param(
        "ja", "abc アサヒ 伊藤 かあさん カード がい かき かく 佐藤 鈴木 田中 東京 渡辺", id="readings"
    ),
    pytest.param("ja", "はな ばな ぱな はに", id="marks count last"),
    pytest.param("ja", "ｱｻﾋ いろは イロハニ", id="half width and katakana"),
]


def key(locale: str, text: str) -> str:
    stored = sort_keys(text)
    return stored[sort_index(locale) - 1] if stored else text.lower()


@pytest.mark.parametrize(("locale", "expected"), ORDERS)
def test_people_find_the_order_that_they_expect(locale: str, expected: str) -> None:
    names = expected.split(" ")
    assert sorted(set(names), key=lambda name: key(locale, name)) == names


def test_ascii_has_no_stored_key() -> None:
    assert sort_keys("Acme Corporation") is None
    assert sort_keys("") is None


def test_stored_keys_compare_with_lower_case_ascii() -> None:
    assert key("en", "Éclair") == "eclair"
    assert key("ja", "Ａｃｍｅ") == "acme"


@pytest.mark.parametrize("text", ["重" * 500, "𠮷" * 500, "ー" * 500, "ﷺ" * 500, "が" * 500], ids=ascii)
def test_keys_fit_an_index_entry(text: str) -> None:
    keys = sort_keys(text)
    assert keys is not None
    assert all(len(each.encode()) < 2600 for each in keys)


@pytest.mark.parametrize(
    ("locale", "index"),
    [
        ("en", 1),
        ("zh-Hans", 1),
        ("zh-Hant", 2),
        ("zh_Hant_TW", 2),
        ("zh-TW", 2),
        ("ja", 3),
        ("ja-JP", 3),
        ("jam", 1),
    ],
)
def test_each_locale_has_its_key(locale: str, index: int) -> None:
    assert sort_index(locale) == index
