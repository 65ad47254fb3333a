"""The key that secrets are encrypted with: the operator's, else one that is made once and kept in the home folder.

Without the key the secrets in the database are lost: it belongs into the backup, but not beside the database's.
"""

import os
from pathlib import Path
from typing import Final

from fieldstone.app.settings import Settings
from fieldstone.engine.vault import KEY

FILE: Final = "secret.key"


def secret_key(settings: Settings) -> bytes:
    """The key of this installation."""
    if settings.secret_key is not None:
        return settings.secret_key
    path = settings.home / FILE
    if not path.exists():
        _make(path)
    return path.read_bytes()


def _make(path: Path) -> None:
    """A new key, whole or not at all; who comes second keeps the first one's."""
    path.parent.mkdir(parents=True, exist_ok=True)
    mine = path.with_name(f"{FILE}.{os.getpid()}")
    handle = os.open(mine, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(os.urandom(KEY))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(mine, path)
    except FileExistsError:
        pass
    finally:
        mine.unlink()
