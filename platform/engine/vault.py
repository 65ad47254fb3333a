"""Secrets, encrypted with a key that is not in the database (AES-256-GCM).

Whoever has the database alone, or a backup of it, has no secret. `place` is bound into what is encrypted: it opens
nowhere else.
"""

import base64
import os
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from fieldstone.problems import FieldstoneError

FORMAT: Final = "1"
NONCE: Final = 12
KEY: Final = 32


class NoKey(FieldstoneError):
    """This server has no key to encrypt secrets with."""

    code = "secret.no_key"
    kind = "unavailable"


class Unopened(FieldstoneError):
    """A stored secret cannot be read with this server's key: it was stored with another one, or altered."""

    code = "secret.unopened"
    kind = "unavailable"


class Vault:
    """Encrypts secrets and decrypts them, with one key of 32 bytes."""

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY:
            raise NoKey(f"The key for secrets has {KEY} bytes, not {len(key)}.")
        self._cipher = AESGCM(key)

    def seal(self, plain: str, place: str) -> str:
        """The encrypted text, which opens in this place only."""
        nonce = os.urandom(NONCE)
        sealed = self._cipher.encrypt(nonce, plain.encode(), place.encode())
        return f"{FORMAT}:{base64.b64encode(nonce + sealed).decode()}"

    def open(self, sealed: str, place: str) -> str:
        """The secret. Raises Unopened."""
        try:
            whole = base64.b64decode(sealed.partition(":")[2], validate=True)
            return self._cipher.decrypt(whole[:NONCE], whole[NONCE:], place.encode()).decode()
        except (InvalidTag, ValueError) as error:
            raise Unopened("This secret was stored with another key.") from error
