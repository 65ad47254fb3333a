"""Signatures of web hooks, as the Standard Webhooks specification has them, so that its libraries can check them.

Signed is `<id>.<timestamp>.<body>`: a receiver that keeps ids and refuses old timestamps cannot be fed a message twice.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
import time
from typing import Final

PREFIX: Final = "whsec_"
BYTES: Final = 32


def new_secret() -> str:
    """A secret, as it is shown once."""
    return PREFIX + base64.b64encode(secrets.token_bytes(BYTES)).decode()


def is_secret(text: str) -> bool:
    """Whether a text can be a secret: the prefix and 24 to 64 bytes in base64."""
    if not text.startswith(PREFIX):
        return False
    try:
        return 24 <= len(base64.b64decode(text.removeprefix(PREFIX), validate=True)) <= 64
    except (ValueError, binascii.Error):
        return False


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """The value of the header `webhook-signature`."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def headers(secret: str, message_id: str, body: bytes) -> dict[str, str]:
    """The headers of a message that is sent now."""
    stamp = int(time.time())
    return {
        "Content-Type": "application/json",
        "User-Agent": "Fieldstone",
        "webhook-id": message_id,
        "webhook-timestamp": str(stamp),
        "webhook-signature": sign(secret, message_id, stamp, body),
    }
