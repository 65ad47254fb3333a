"""Mails of notices: one notice, or the daily mail of several, in the frame that the company's mails have.

The frame is a message template, too (`mail_frame`), so a company can change it. Its place for the content is filled after
it was rendered, since the content is HTML already and the frame's values are escaped.
"""

import secrets
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Final

from fieldstone.engine.mail import Message
from fieldstone.engine.transaction import Transaction
from fieldstone.workflows.notifications.wording import Words, say

FRAME: Final = "mail_frame"
DIGEST: Final = "digest"


def letter(
    tx: Transaction,
    to: tuple[str, str],
    words: Words,
    *,
    message_id: str,
    site: str,
    action_url: str | None = None,
    unsubscribe: str | None = None,
) -> Message:
    """The mail that tells the actor one thing. `site` is the address of the tenant's pages, without a slash."""
    values = {
        "title": words.title,
        "text": words.text,
        "url": f"{site}/{words.path}" if words.path else "",
        "action_url": action_url or "",
        "unsubscribe": unsubscribe or "",
        "preferences": f"{site}/account/notifications",
    }
    return _framed(tx, to, words.title, values, words.html or paragraphs(words.text), message_id)


def digest(
    tx: Transaction, to: tuple[str, str], notices: Sequence[Mapping[str, Any]], *, message_id: str, site: str
) -> Message:
    """The daily mail. Each notice has `title`, `text`, `url` and `at`."""
    words = say(tx, DIGEST, {"notices": list(notices), "count": len(notices)})
    values = {
        "title": words.title,
        "text": words.text,
        "url": f"{site}/notifications",
        "preferences": f"{site}/account/notifications",
    }
    return _framed(tx, to, words.title, values, words.html or paragraphs(words.text), message_id)


def paragraphs(text: str) -> str:
    """Plain text as HTML: a paragraph per block, a break per line."""
    blocks = [block.strip() for block in text.split("\n\n")]
    return "".join(f"<p>{escape(block).replace(chr(10), '<br>')}</p>" for block in blocks if block)


def _framed(
    tx: Transaction, to: tuple[str, str], subject: str, values: Mapping[str, Any], html: str, message_id: str
) -> Message:
    place = f"content-{secrets.token_hex(16)}"
    frame = say(tx, FRAME, {**values, "content": place})
    if place not in frame.html:  # a frame that a company left without a place for the content
        whole = html
    else:
        whole = frame.html.replace(place, html)
    text = frame.text or str(values["text"])
    return Message(
        to[1], subject, text + "\n", to[0], whole, message_id, str(values.get("unsubscribe") or "")
    )
