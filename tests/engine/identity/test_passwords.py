import time

import pytest

from fieldstone.engine.identity.passwords import (
    hash_password,
    new_password,
    outdated,
    password_problems,
    verify,
)


@pytest.mark.parametrize(
    ("password", "code"),
    [
        pytest.param("short", "password.short", id="short"),
        pytest.param("x" * 257, "password.long", id="long"),
        pytest.param("aaaaaaaaaaaa", "password.repeating", id="one character"),
        pytest.param("abababababab", "password.repeating", id="two characters"),
        pytest.param("1234567890", "password.common", id="digits in a row"),
        pytest.param("0987654321", "password.common", id="digits backwards"),
        pytest.param("qwertyuiop", "password.common", id="keyboard row"),
        pytest.param("Password123", "password.common", id="password with digits"),
        pytest.param("P@ssw0rd2024!", "password.common", id="password in disguise"),
        pytest.param("administrator", "password.common", id="the role"),
        pytest.param("ilovejoanna77", "password.name", id="own name"),
        pytest.param("xx-jo.miller-1", "password.name", id="own e-mail address"),
    ],
)
def test_what_anybody_would_try_first_is_refused(password: str, code: str) -> None:
    names = ["Joanna", "jo.miller@example.org", "jo"]
    assert [problem.code for problem in password_problems(password, names)] == [code]


@pytest.mark.parametrize(
    "password", ["copper kettle 41", "三隻貓在屋頂上唱歌呢", "tr0ub4dor&3", "x9-Kf.2pLq"]
)
def test_long_enough_is_good_enough(password: str) -> None:
    assert password_problems(password, ["Joanna", "li"]) == []


def test_generated_passwords_pass_and_differ() -> None:
    made = {new_password() for _ in range(20)}
    assert len(made) == 20
    assert not any(password_problems(each) for each in made)


def test_only_the_password_itself_is_right() -> None:
    stored = hash_password("copper kettle 41")
    assert stored.startswith("$argon2id$")
    assert "copper" not in stored
    assert verify(stored, "copper kettle 41")
    assert not verify(stored, "copper kettle 42")
    assert not verify(stored, "")
    assert not verify(None, "copper kettle 41")
    assert not verify("nonsense", "copper kettle 41")
    assert not outdated(stored)


def test_the_same_characters_typed_another_way_are_the_same_password() -> None:
    assert verify(hash_password("ｃafé カﾞラス 123"), "café ガラス 123")


def test_an_unknown_account_takes_as_long_as_a_wrong_password() -> None:
    stored = hash_password("copper kettle 41")
    verify(None, "x")

    def fastest(hashed: str | None) -> float:
        times = []
        for _ in range(5):
            start = time.perf_counter()
            verify(hashed, "wrong password")
            times.append(time.perf_counter() - start)
        return min(times)

    assert fastest(None) == pytest.approx(fastest(stored), rel=0.5)
