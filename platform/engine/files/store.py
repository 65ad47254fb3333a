"""Putting a file into the tenant's `_file` table, and reading it again.

The name that somebody gave is only shown, never a path: it loses its folders and control characters here. A file may
be read by whom uploaded it and by those who may read a record that names it, in a field that they may read.
"""

import re
import unicodedata
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, array
from sqlalchemy.sql.elements import ColumnElement

from fieldstone.engine.files.pictures import THUMBNAIL_TYPE, picture_of, thumbnail_id
from fieldstone.engine.ids import new_id
from fieldstone.engine.permissions import NotFound, access, actor_values
from fieldstone.engine.query.columns import EntityColumns
from fieldstone.engine.query.gate import bindings, gate_for
from fieldstone.engine.query.select import record_where
from fieldstone.engine.storage import control
from fieldstone.engine.storage.connection import compile_plan
from fieldstone.engine.storage.tables import PARENT
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.definitions import Entity, Field
from fieldstone.metadata.fields.file import ONE_FILE
from fieldstone.metadata.fields.image import PICTURES
from fieldstone.problems import FieldstoneError

SIZE_LIMIT: Final = 25_000_000
LONGEST_NAME: Final = 200
MEDIA_TYPE: Final = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,62}/[a-z0-9][a-z0-9!#$&^_.+-]{0,62}")
UNKNOWN_TYPE: Final = "application/octet-stream"

_FILE: Final = control.file
_ID: Final = sa.bindparam("file_id", type_=sa.Uuid())
_NAMES: Final = ("id", "name", "type", "size", "sha256", "content", "created_at", "created_by")
_INSERT: Final = compile_plan(
    sa.insert(_FILE).values({name: sa.bindparam(name, type_=_FILE.c[name].type) for name in _NAMES})
)
_DESCRIBE: Final = compile_plan(sa.select(_FILE.c.created_by).where(_FILE.c.id == _ID))
_READ: Final = compile_plan(sa.select(_FILE.c.name, _FILE.c.type, _FILE.c.content).where(_FILE.c.id == _ID))


class UnknownFile(FieldstoneError):
    """There is no such file, or it is in no record that the actor may read: the two look the same."""

    code = "file.unknown"
    kind = "not_found"


class FileTooLarge(FieldstoneError):
    """More bytes than a file may have."""

    code = "file.size"
    kind = "invalid"


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file with its content."""

    id: UUID
    name: str
    type: str
    content: bytes


def store_file(tx: Transaction, name: str, media_type: str, content: bytes) -> dict[str, Any]:
    """Store a file; its description: id, name, size, type.

    A picture's type is what its content says; what only calls itself a picture is stored as bytes of no known type.
    """
    if len(content) > SIZE_LIMIT:
        raise FileTooLarge(f"A file may have at most {SIZE_LIMIT:,} bytes.", size=len(content))
    picture = picture_of(content)
    said = media_type.lower() if MEDIA_TYPE.fullmatch(media_type.lower()) else UNKNOWN_TYPE
    if said in PICTURES:
        said = UNKNOWN_TYPE
    described: dict[str, Any] = {
        "id": new_id(),
        "name": shown_name(name),
        "size": len(content),
        "type": picture.type if picture else said,
    }
    _put(tx, described, content)
    if picture:
        small = {"id": thumbnail_id(described["id"]), "name": described["name"]}
        _put(tx, {**small, "size": len(picture.thumbnail), "type": THUMBNAIL_TYPE}, picture.thumbnail)
    return described


def _put(tx: Transaction, described: dict[str, Any], content: bytes) -> None:
    more = {
        "sha256": sha256(content).digest(),
        "content": content,
        "created_at": tx.context.now,
        "created_by": tx.context.actor.id,
    }
    tx.defer(_INSERT, {**described, **more})


def shown_name(name: str) -> str:
    """A name as it is shown: no folders, no control characters, not longer than file systems take."""
    last = re.split(r"[/\\]", name)[-1]
    kept = "".join(char for char in last if unicodedata.category(char) not in ("Cc", "Cf", "Cs"))
    kept = kept.strip(" .")
    if len(kept) > LONGEST_NAME:
        stem, dot, suffix = kept.rpartition(".")
        short = dot and len(suffix) <= 20
        kept = f"{stem[: LONGEST_NAME - len(suffix) - 1]}.{suffix}" if short else kept[:LONGEST_NAME]
    return kept or "file"


def read_file(tx: Transaction, file_id: UUID) -> StoredFile:
    """A file with its content. Raises UnknownFile."""
    if not may_read_file(tx, file_id):
        raise UnknownFile("There is no such file.")
    name, media_type, content = tx.fetch(_READ, {"file_id": file_id})[0]
    return StoredFile(file_id, name, media_type, bytes(content))


def read_thumbnail(tx: Transaction, file_id: UUID) -> StoredFile:
    """The thumbnail of a picture, for those who may read the picture. Raises UnknownFile."""
    rows = tx.fetch(_READ, {"file_id": thumbnail_id(file_id)}) if may_read_file(tx, file_id) else []
    if not rows:
        raise UnknownFile("There is no such picture.")
    name, media_type, content = rows[0]
    return StoredFile(file_id, name, media_type, bytes(content))


def may_read_file(tx: Transaction, file_id: UUID) -> bool:
    """Whether the file exists for this actor."""
    rows = tx.fetch(_DESCRIBE, {"file_id": file_id})
    if not rows:
        return False
    actor = tx.context.actor
    if actor.kind == "system" or rows[0][0] == actor.id:
        return True
    found = [name for entity in tx.model.entities.values() for name in _places(tx, entity)]
    if not found:
        return False
    values = {"file_id": file_id, **actor_values(actor)}
    return any(tx.fetch_all((compile_plan(statement), values) for statement in found))


def _places(tx: Transaction, entity: Entity) -> list["sa.Select[Any]"]:
    """For each readable file field of an entity: the select that finds a readable record with the file."""
    fields = [field for field in entity.fields.values() if field.type in ONE_FILE or field.type == "files"]
    if not fields:
        return []
    try:
        readable = access(tx, entity.name).readable
    except NotFound:
        return []
    found = []
    for field in fields:
        if field.name not in readable:
            continue
        columns = EntityColumns(tx.model, entity, bindings=bindings(tx), gate=gate_for(tx), alias=True)
        holds = _holds(columns, field)
        if entity.parent is None:
            where = [holds, *record_where(tx, columns)]
            statement: sa.Select[Any] = (
                sa.select(sa.literal_column("1")).select_from(columns.source).where(*where)
            )
        else:
            owner = EntityColumns(
                tx.model, tx.model.entities[entity.parent[0]], bindings=bindings(tx), gate=gate_for(tx)
            )
            where = [holds, owner.own("id") == columns.raw(PARENT), *record_where(tx, owner)]
            both = owner.source, columns.table
            statement = sa.select(sa.literal_column("1")).select_from(*both).where(*where)
        found.append(statement.limit(sa.literal_column("1")))
    return found


def _holds(columns: EntityColumns, field: Field) -> ColumnElement[bool]:
    """Whether the field names the file; written so that the index of a list of files answers."""
    column = columns.own(field.name)
    return (
        column == _ID if field.type in ONE_FILE else column.op("@>")(sa.cast(array([_ID]), ARRAY(sa.Uuid())))
    )
