"""Stored files: uploaded first, then named by records; read by whoever may read a record that names them.

May import: storage, query, permissions. Public names: `StoredFile`,
`store_file`, `read_file`, `read_thumbnail`, `may_read_file`, `SIZE_LIMIT`.
"""

from fieldstone.engine.files.pictures import THUMBNAIL_TYPE
from fieldstone.engine.files.store import (
    SIZE_LIMIT,
    StoredFile,
    UnknownFile,
    may_read_file,
    read_file,
    read_thumbnail,
    store_file,
)

__all__ = [
    "SIZE_LIMIT",
    "THUMBNAIL_TYPE",
    "StoredFile",
    "UnknownFile",
    "may_read_file",
    "read_file",
    "read_thumbnail",
    "store_file",
]
