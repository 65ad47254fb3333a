"""Random secrets and the hashes that are stored in their place; and other text that strangers send.

256 random bits need no slow hash: SHA-256 of such a secret can be looked up directly, and nobody can find the
secret from it. Prefixes tell people, and scanners for leaked secrets, what a secret opens.
"""

import hmac
import secrets
from hashlib import sha256
from typing import Final

KEY_PREFIX: Final = "fs_"
SESSION_PREFIX: Final = "fss_"
LINK_PREFIX: Final = "fsl_"
HINT_LENGTH: Final = 4


def new_secret(prefix: str = "") -> str:
    """A secret of 256 random bits, safe in URLs, headers and cookies."""
    return prefix + secrets.token_urlsafe(32)


def digest(secret: str) -> bytes:
    """What is stored of a secret."""
    return sha256(secret.encode("utf-8", "surrogatepass")).digest()


def hint(secret: str) -> str:
    """The end of a secret, by which people tell their keys apart."""
    return secret[-HINT_LENGTH:]


def storable(text: str, length: int) -> str:
    """What a stranger sent (address, browser), as text that PostgreSQL takes."""
    return text[:length].encode("utf-8", "replace").decode().replace("\x00", "?")


def same(one: str, other: str) -> bool:
    """Comparison that takes equally long wherever the two differ."""
    return hmac.compare_digest(one.encode("utf-8", "surrogatepass"), other.encode("utf-8", "surrogatepass"))
