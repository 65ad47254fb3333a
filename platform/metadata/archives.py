"""Packages as one file: a zip of the package's folder, made the same from the same files.

Whoever opens one may have got it from anybody, so only plain files of the package format come out of it: no paths
that lead elsewhere, no links, nothing twice, and no more than the limits below whatever the zip claims to hold.
"""

import stat
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Final

from fieldstone.problems import Problem

MAX_FILES: Final = 5_000
MAX_FILE: Final = 16 * 1024 * 1024
MAX_WHOLE: Final = 128 * 1024 * 1024
_MADE: Final = (1980, 1, 1, 0, 0, 0)
_CHUNK: Final = 64 * 1024


class ArchiveRefused(Exception):
    """A zip that is no package; `problem` says where and why."""

    def __init__(self, code: str, message: str, file: str = "") -> None:
        super().__init__(message)
        self.problem = Problem("", code, message, file=file or None)


def pack(folder: Path, target: Path) -> None:
    """Write the package in a folder as a zip: names in order, without times, owners or hidden files."""
    files = [file for file in folder.rglob("*") if file.is_file() and not file.is_symlink()]
    names = {file.relative_to(folder).as_posix(): file for file in files}
    part = target.with_name(f"{target.name}.part")
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(names):
            if any(step.startswith((".", "_")) for step in PurePosixPath(name).parts):
                continue
            info = zipfile.ZipInfo(name, _MADE)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = (stat.S_IFREG | 0o644) << 16
            archive.writestr(info, names[name].read_bytes())
    part.replace(target)


@contextmanager
def unpacked(archive: Path) -> Iterator[Path]:
    """The folder that a zip holds, for as long as the block lasts. Raises ArchiveRefused."""
    with TemporaryDirectory(prefix="fieldstone-package-") as place:
        root = Path(place)
        try:
            with zipfile.ZipFile(archive) as opened:
                _extract(opened, root)
        except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
            raise ArchiveRefused("archive.broken", f"the file is no zip that can be read: {error}") from error
        yield root


def _extract(opened: zipfile.ZipFile, root: Path) -> None:
    entries = [entry for entry in opened.infolist() if not entry.is_dir()]
    if len(entries) > MAX_FILES:
        raise ArchiveRefused("archive.large", f"the zip holds {len(entries)} files; at most {MAX_FILES}")
    seen: set[str] = set()
    whole = 0
    for entry in entries:
        place = _place(root, entry)
        if entry.filename.casefold() in seen:
            raise ArchiveRefused("archive.twice", "the zip holds this file twice", entry.filename)
        seen.add(entry.filename.casefold())
        place.parent.mkdir(parents=True, exist_ok=True)
        size = 0
        with opened.open(entry) as source, place.open("xb") as target:
            while chunk := source.read(_CHUNK):
                size += len(chunk)
                whole += len(chunk)
                if size > MAX_FILE or whole > MAX_WHOLE:
                    raise ArchiveRefused("archive.large", "the zip unpacks to too much", entry.filename)
                target.write(chunk)


def _place(root: Path, entry: zipfile.ZipInfo) -> Path:
    name = entry.filename
    steps = PurePosixPath(name).parts
    mode = entry.external_attr >> 16
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        raise ArchiveRefused("archive.link", "only plain files belong into a package", name)
    if (
        name.startswith("/")
        or "\\" in name
        or "\0" in name
        or ":" in name
        or ".." in steps
        or not 1 <= len(steps) <= 2
    ):
        raise ArchiveRefused(
            "archive.path", "a package holds package.json and files in its folders, no other paths", name
        )
    return root.joinpath(*steps)
