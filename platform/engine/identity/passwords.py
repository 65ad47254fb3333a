"""Passwords: how they are hashed, and which are refused.

Argon2id with the parameters that OWASP recommends for a server (19 MiB, 2 passes, 1 lane; some 25 ms). Length
is what counts (NIST SP 800-63B): no rules about kinds of characters, but what everybody would try first is
refused.
"""

import secrets
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from fieldstone.problems import FieldstoneError, Problem

MIN_LENGTH: Final = 10
MAX_LENGTH: Final = 256
MIN_DIFFERENT: Final = 5

_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)

_RUNS: Final = (
    "abcdefghijklmnopqrstuvwxyz", "01234567890123456789", "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm", "1q2w3e4r5t6y7u8i9o0p",
)  # fmt: skip
_COMMON: Final = (
    "password", "passwort", "letmein", "welcome", "iloveyou", "sunshine", "princess", "football", "baseball",
    "superman", "trustno1", "administrator", "changeme", "fieldstone", "mima", "woaini",
)  # fmt: skip


class WeakPassword(FieldstoneError):
    """The new password breaks the policy; `problems` says how."""

    code = "password.weak"
    kind = "invalid"


def normal(password: str) -> str:
    """One form for what looks the same, so that every keyboard types the same password."""
    return unicodedata.normalize("NFKC", password)


def hash_password(password: str) -> str:
    """The Argon2id hash, with its parameters and salt."""
    return _HASHER.hash(normal(password).encode("utf-8", "surrogatepass"))


def verify(stored: str | None, password: str) -> bool:
    """Whether the password is right. Without a stored hash it is not, but that takes as long to say."""
    given = normal(password[: MAX_LENGTH * 4]).encode("utf-8", "surrogatepass")
    try:
        return _HASHER.verify(stored or _nobodys_hash(), given) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


def outdated(stored: str) -> bool:
    """Whether a hash was made with other parameters than those of today."""
    return _HASHER.check_needs_rehash(stored)


@lru_cache(maxsize=1)
def _nobodys_hash() -> str:
    return _HASHER.hash(secrets.token_bytes(32))


def new_password() -> str:
    """A password for somebody else's first sign-in: 96 random bits in five groups that can be read aloud."""
    alphabet = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(alphabet) for _ in range(4)) for _ in range(5))


def password_problems(password: str, names: Iterable[str] = ()) -> list[Problem]:
    """What is wrong with a new password; `names` are the user's own (user name, name, e-mail)."""
    text = normal(password)
    folded = text.casefold()
    if len(text) < MIN_LENGTH:
        return [_problem("password.short", f"Use at least {MIN_LENGTH} characters.", minimum=MIN_LENGTH)]
    if len(text) > MAX_LENGTH:
        return [_problem("password.long", f"Use at most {MAX_LENGTH} characters.", maximum=MAX_LENGTH)]
    if len(set(folded)) < MIN_DIFFERENT:
        return [_problem("password.repeating", f"Use at least {MIN_DIFFERENT} different characters.")]
    if _first_guess(folded):
        return [_problem("password.common", "This is among the first passwords that anybody would try.")]
    for name in names:
        parts = [name.casefold(), name.casefold().partition("@")[0]]
        if any(len(part) >= 4 and part in folded for part in parts):
            return [_problem("password.name", "Do not use your own name in the password.")]
    return []


def require_good(password: str, names: Iterable[str] = ()) -> None:
    """Raise WeakPassword unless the policy allows the password."""
    problems = password_problems(password, names)
    if problems:
        raise WeakPassword(problems[0].message, problems=problems)


def _first_guess(folded: str) -> bool:
    core = folded.strip("0123456789!?.*#$ ")
    if (
        core in _COMMON
        or core.replace("0", "o").replace("@", "a").replace("3", "e").replace("1", "i") in _COMMON
    ):
        return True
    letters = folded.strip("!?.*#$ ")
    return any(letters in run or letters in run[::-1] for run in _RUNS)


def _problem(code: str, message: str, **data: int) -> Problem:
    return Problem("/password", code, message, data)
