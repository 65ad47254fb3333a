import random
import re

import pytest

from fieldstone.engine.search import fold, tokens, tsquery

FOUND = [
    ("台積", "臺積電股份有限公司"),
    ("台积", "臺積電股份有限公司"),
    ("台積電", "台积电"),
    ("王", "王小明"),
    ("小明", "王小明"),
    ("acm", "Acme Corporation"),
    ("CORP acme", "Acme Corporation"),
    ("cafe", "Café Müller"),
    ("müll", "CAFE MULLER"),
    ("strasse", "Große Straße 5"),
    ("ａｃｍｅ", "Acme"),
    ("とよた", "トヨタ自動車"),
    ("ﾄﾖﾀ", "トヨタ自動車"),
    ("国会", "國會"),
    ("広島", "廣島"),
    ("bob.smith@acme.test", "Bob Smith <bob.smith@acme.test>"),
    ("smith", "bob.smith@acme.test"),
    ("acme.test", "bob.smith@acme.test"),
    ("2345-6789", "+886 2 2345-6789"),
    ("23456789", "+886 2 2345-6789"),
    ("02-2345-6789", "+886 2 2345 6789"),
    ("+886-2-2345-6789", "+886 (2) 2345 6789"),
    ("555", "+1 555-010-2345"),
    ("acx1000", "ACX-1000"),
    ("ACX-1000", "acx1000"),
    ("iphone手机", "iPhone 手機"),
    ("o'neil", "O'Neill"),
    ("서울", "서울특별시"),
    ("Москва", "москва"),
]

NOT_FOUND = [
    ("積台", "臺積電"),
    ("acme bob", "Acme Corporation"),
    ("orp", "Acme Corporation"),
    ("王", "張小明"),
    ("か", "が"),
    ("23456780", "+886 2 2345-6789"),
]


def matches(query: str | None, terms: list[str]) -> bool:
    """Evaluates the subset of tsquery that we write, with PostgreSQL's precedence (& before |)."""
    if query is None:
        return False
    source = ""
    for term, prefix, operator, wrong in re.findall(r"'((?:[^'\\]|''|\\\\)+)'(:\*)?|([&|()])|\s+|(.)", query):
        assert not wrong, query
        if operator:
            source += {"&": " and ", "|": " or "}.get(operator, operator)
        elif term:
            source += str(any(t.startswith(term) if prefix else t == term for t in terms))
    return _truth(source)


def _truth(source: str) -> bool:
    while "(" in source:
        source = re.sub(r"\(([^()]*)\)", lambda inner: str(_truth(inner.group(1))), source)
    return any(all(part.strip() == "True" for part in side.split(" and ")) for side in source.split(" or "))


@pytest.mark.parametrize(("query", "text"), FOUND)
def test_found(query: str, text: str) -> None:
    assert matches(tsquery(query), tokens(text))


@pytest.mark.parametrize(("query", "text"), NOT_FOUND)
def test_not_found(query: str, text: str) -> None:
    assert not matches(tsquery(query), tokens(text))


@pytest.mark.parametrize("query", ["", "  ", "!!!", "'", "&|!:*()<->", "\\", "\0"])
def test_nothing_to_look_for(query: str) -> None:
    assert tsquery(query) is None


SYNTAX = ["a' | 'b", "a\\' | b", "x:*", "!a", "a <-> b", "('a')", "a:AB & b", "''", "a'':*"]


@pytest.mark.parametrize("query", SYNTAX)
def test_the_syntax_of_tsquery_is_out_of_reach(query: str) -> None:
    found = tsquery(query)
    assert found is None or re.fullmatch(r"(\(?'\w+'(:\*)?\)?( [&|] )?)+", found)


def test_limits() -> None:
    assert len(tokens(" ".join(f"word{n}" for n in range(2000)))) == 500
    assert max(map(len, tokens("x" * 300 + " " + "é" * 300))) == 60
    assert matches(tsquery("x" * 300), tokens("x" * 300))
    query = tsquery(" ".join(f"word{n}" for n in range(900)))
    assert query is not None
    assert query.count("&") == 31


ALPHABETS = [
    "abcXYZ019 -.@_/'&+()",
    "éÜßøŁ aB-",
    "臺積電台国會王小明 、",
    "トヨタとよたー・ｱｶﾞ ん",
    "+886 ()-.2345/",
    "서울 Москва ไทย नमस्ते",
]


def test_any_text_is_found_by_its_own_words() -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    rng = random.Random(seed)
    for _ in range(3000):
        alphabet = "".join(rng.sample(ALPHABETS, rng.randint(1, 2)))
        text = "".join(rng.choices(alphabet, k=rng.randint(1, 40)))
        terms = tokens(text)
        for part in [text, *text.split()]:
            query = tsquery(part)
            assert query is None or matches(query, terms), (text, part, query, terms)


def test_folding_twice_is_folding_once() -> None:
    for code in (
        *range(0x20, 0x3100),
        *range(0x3400, 0xA000),
        *range(0xAC00, 0xD7A4),
        *range(0xF900, 0xFFF0),
    ):
        once = fold(chr(code))
        assert fold(once) == once, hex(code)
