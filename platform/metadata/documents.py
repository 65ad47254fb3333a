"""Reads packages (folders, or one zip each) into documents, or says everything that is wrong with them at once.

Folder format: `package.json`, then one JSON file per document in the folders of `FOLDERS`. What a package
says alone is checked here (JSON, names, keywords, shapes); what needs the layers below (required members,
references, expressions) is checked by `compile`. A stored package (`to_json`) keeps the line numbers out:
problems found later in it have a file and a pointer, but no line.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from json import dumps, loads
from pathlib import Path
from typing import Any, Final

from fieldstone.metadata.archives import ArchiveRefused, unpacked
from fieldstone.metadata.json_source import read_json
from fieldstone.metadata.meta_schemas import FOLDERS, LATER_FOLDERS, NAME, check_document
from fieldstone.metadata.versions import in_range
from fieldstone.problems import FieldstoneError, Kind, Problem, did_you_mean

FORMAT: Final = 1
_IGNORED: Final = (".md", ".txt", ".rst", ".license")


class PackageError(FieldstoneError):
    """Packages that cannot be used; `problems` holds everything that is wrong with them."""

    code = "package.invalid"
    kind: Kind = "invalid"

    def __init__(self, problems: Sequence[Problem], *, title: str = "the package") -> None:
        lines = "\n".join(str(problem) for problem in problems)
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        super().__init__(f"{title} has {count}\n{lines}", problems=problems)


@dataclass(frozen=True, slots=True)
class SourceDocument:
    """One document as a package holds it. `lines` maps JSON pointers to lines of `file`."""

    folder: str
    name: str
    body: Mapping[str, Any]
    file: str = ""
    lines: Mapping[str, int] = field(default_factory=dict, compare=False, repr=False)

    def line(self, pointer: str) -> int | None:
        """The line of a pointer, or of the nearest place around it."""
        if not self.lines:
            return None
        while pointer not in self.lines:
            pointer = pointer.rpartition("/")[0]
        return self.lines[pointer]


@dataclass(frozen=True, slots=True)
class Package:
    """A versioned bundle of documents. `requires` maps package names to ranges of versions."""

    name: str
    version: str
    title: str
    requires: Mapping[str, str]
    documents: Mapping[tuple[str, str], SourceDocument]
    description: str = ""
    notes: tuple[Problem, ...] = field(default=(), compare=False)

    def to_json(self) -> dict[str, Any]:
        """The package as one JSON value, for storing.

        Documents are texts inside it: a JSONB column would forget the order of members, which is the order of
        fields on screen.
        """
        folders: dict[str, dict[str, str]] = {}
        for (folder, name), document in self.documents.items():
            text = dumps(document.body, ensure_ascii=False, separators=(",", ":"))
            folders.setdefault(folder, {})[name] = text
        return {
            "format": FORMAT, "name": self.name, "version": self.version, "title": self.title,
            "description": self.description, "requires": dict(self.requires), "documents": folders,
        }  # fmt: skip

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "Package":
        """The package that `to_json` gave."""
        if data.get("format") != FORMAT:
            raise PackageError(
                [Problem("/format", "package.format", f"unknown format {data.get('format')!r}")]
            )
        documents = {
            (folder, name): SourceDocument(folder, name, loads(text), f"{folder}/{name}.json")
            for folder, named in sorted(data["documents"].items())
            for name, text in sorted(named.items())
        }
        return Package(
            data["name"],
            data["version"],
            data["title"],
            dict(data["requires"]),
            documents,
            data["description"],
        )


def title_of(name: str) -> str:
    """What people read when nothing was said: `unit_price` -> `Unit price`."""
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def read_package(path: str | Path) -> Package:
    """Read the package in a folder or a zip; raises PackageError with all problems."""
    root = Path(path)
    if root.is_file():
        try:
            with unpacked(root) as folder:
                return _read_folder(folder, root.name)
        except ArchiveRefused as refused:
            raise PackageError([refused.problem], title=f'the package in "{root.name}"') from refused
    return _read_folder(root, root.name)


def _read_folder(root: Path, title: str) -> Package:
    reading = _Reading(root)
    package = None
    if root.is_dir():
        package = reading.read()
    else:
        reading.missing()
    if reading.problems or package is None:
        raise PackageError(reading.problems, title=f'the package in "{title}"')
    return replace(package, notes=tuple(reading.notes))


class _Reading:
    """One pass over a folder, which collects what is wrong."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.problems: list[Problem] = []
        self.notes: list[Problem] = []

    def missing(self) -> None:
        message = f'"{self.root}" does not exist; a package is a folder with a package.json, or a zip of one'
        self.problem("", "package.missing", message)

    def problem(self, file: str, code: str, message: str, pointer: str = "") -> None:
        self.problems.append(Problem(pointer, code, message, file=file or None))

    def read(self) -> Package | None:
        head = self.head()
        documents: dict[tuple[str, str], SourceDocument] = {}
        for entry in sorted(self.root.iterdir()):
            if not entry.is_dir() or entry.name.startswith((".", "_")):
                continue
            if entry.name in FOLDERS:
                for document in self.folder(entry):
                    documents[document.folder, document.name] = document
            elif entry.name in LATER_FOLDERS:
                message = f"the folder {entry.name}/ is not used by this version of Fieldstone"
                self.notes.append(Problem("", "folder.later", message, file=f"{entry.name}/"))
            elif any(entry.glob("*.json")):
                message = f'the folder "{entry.name}" is none of the package format'
                near = did_you_mean(entry.name, [*FOLDERS, *LATER_FOLDERS])
                self.problem(f"{entry.name}/", "folder.unknown", message + near)
        if head is None:
            return None
        title = head.get("title") or title_of(head["name"])
        requires = dict(head.get("requires", {}))
        return Package(head["name"], head["version"], title, requires, documents, head.get("description", ""))

    def head(self) -> Mapping[str, Any] | None:
        file = self.root / "package.json"
        if not file.is_file():
            self.problem("package.json", "package.missing", "the file is missing; it gives name and version")
            return None
        before = len(self.problems)
        document = self.document(file, "package", "", whole=True)
        if document is None or len(self.problems) > before:
            return None
        for name, wanted in document.body.get("requires", {}).items():
            if in_range("1.0.0", wanted) is None:
                message = f'"{wanted}" is no range of versions, such as ">=1.2.0 <2.0.0", "^1.2" or "*"'
                self.add(document, Problem(f"/requires/{name}", "package.range", message))
        return document.body

    def folder(self, folder: Path) -> list[SourceDocument]:
        documents = []
        for file in sorted(folder.iterdir()):
            shown = f"{folder.name}/{file.name}"
            if file.name.startswith(".") or file.suffix.lower() in _IGNORED:
                continue
            if file.is_dir() or file.suffix != ".json":
                self.problem(shown, "file.unknown", "not a document: documents are files that end in .json")
                continue
            if NAME.fullmatch(file.stem) is None:
                message = (
                    f'"{file.stem}" is no name: names begin with a small letter, go on with small letters, '
                    "digits and underscores, and have at most 40 characters"
                )
                self.problem(shown, "document.name", message)
                continue
            document = self.document(file, FOLDERS[folder.name], folder.name, whole=False)
            if document is not None:
                documents.append(document)
        return documents

    def document(self, file: Path, kind: str, folder: str, *, whole: bool) -> SourceDocument | None:
        shown = f"{folder}/{file.name}" if folder else file.name
        try:
            data = file.read_bytes()
        except OSError as error:
            self.problem(shown, "file.unreadable", f"cannot be read: {error.strerror}")
            return None
        source = read_json(data)
        self.problems += [replace(problem, file=shown) for problem in source.problems]
        if source.value is None and source.problems:
            return None
        document = SourceDocument(folder, file.stem, source.value, shown, source.lines)
        problems, notes = check_document(kind, source.value, whole=whole)
        for problem in problems:
            self.add(document, problem)
        self.notes += [replace(note, file=shown, line=document.line(note.path)) for note in notes]
        if not isinstance(source.value, Mapping):
            return None
        named = source.value.get("name", file.stem)
        if folder and named != file.stem:
            message = f'the name is "{named}", but the file is {file.name}; rename one of them'
            self.add(document, Problem("/name", "document.name", message))
        return document

    def add(self, document: SourceDocument, problem: Problem) -> None:
        self.problems.append(replace(problem, file=document.file, line=document.line(problem.path)))
