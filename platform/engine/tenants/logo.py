"""The company's logo: a small picture, stored as a file and named by the company settings.

Only pictures that cannot carry scripts, recognised by their content, whatever the file is called.
"""

from typing import Final
from uuid import UUID

from fieldstone.engine.context import Context
from fieldstone.engine.files import StoredFile, UnknownFile, read_file, store_file
from fieldstone.engine.permissions import require_manage
from fieldstone.engine.service import Engine
from fieldstone.engine.tenants.settings import store_company
from fieldstone.engine.transaction import Transaction
from fieldstone.problems import FieldstoneError

LARGEST: Final = 1_000_000
"""Bytes: it is loaded with every page once, and kept by the browser."""


class BadLogo(FieldstoneError):
    """Not a picture that can be the logo."""

    code = "logo.invalid"
    kind = "invalid"


def set_logo(engine: Engine, context: Context, name: str, content: bytes) -> None:
    """Store a new logo. Raises Denied and BadLogo."""
    kind = picture_type(content)
    if kind is None or len(content) > LARGEST:
        raise BadLogo("Choose a PNG, JPEG, GIF or WebP picture of at most 1 MB.")

    def work(tx: Transaction) -> str:
        require_manage(tx, "company")
        return str(store_file(tx, name, kind, content)["id"])

    store_company(engine, context, {"logo": engine.write(context, work)})


def drop_logo(engine: Engine, context: Context) -> None:
    """Show the initials again. Raises Denied."""
    engine.read(context, lambda tx: require_manage(tx, "company"))
    store_company(engine, context, {"logo": None})


def read_logo(engine: Engine, context: Context) -> StoredFile:
    """The logo, for everybody signed in. Raises UnknownFile when there is none."""
    logo = context.company.settings.get("logo")
    if not logo:
        raise UnknownFile("There is no logo.")
    return engine.read(context, lambda tx: read_file(tx.as_system(), UUID(logo)))


def picture_type(content: bytes) -> str | None:
    """The media type of a picture by its first bytes."""
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return None
