"""Makes packages for tests of the metadata layer: in memory, or as folders."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from fieldstone.metadata.cache import CompileCache
from fieldstone.metadata.compile import Compiled, compile_model
from fieldstone.metadata.documents import Package, SourceDocument

ENTITY = "https://fieldstone.dev/schemas/entity-1.json"


def package(documents: Mapping[str, Any], name: str = "shop", **requires: str) -> Package:
    """A package whose documents are given by `folder/name`; entities speak our dialect if they name none."""
    made = {}
    for path, body in documents.items():
        folder, _, stem = path.partition("/")
        whole = {"$schema": ENTITY, **body} if folder == "entities" and "$schema" not in body else body
        made[folder, stem] = SourceDocument(folder, stem, whole, f"{path}.json")
    return Package(name, "1.0.0", name.title(), requires, made)


@pytest.fixture(name="make_package")
def make_package_fixture() -> Callable[..., Package]:
    return package


@pytest.fixture(scope="session")
def compiled() -> Callable[..., Compiled]:
    """Compiles one package given as `folder/name` -> body, and a tenant's patches."""
    cache = CompileCache()

    def run(documents: Mapping[str, Any], tenant: Mapping[str, Any] | None = None) -> Compiled:
        return compile_model([package(documents)], tenant, cache)

    return run


@pytest.fixture
def folder(tmp_path: Path) -> Callable[[Mapping[str, Any]], Path]:
    """Writes a package folder: file -> text, bytes or JSON; package.json is there unless it is given."""

    def write(files: Mapping[str, Any]) -> Path:
        for name, content in {"package.json": {"name": "shop", "version": "1.0.0"}, **files}.items():
            file = tmp_path / "shop" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, bytes):
                file.write_bytes(content)
            elif content is not None:
                file.write_text(
                    content if isinstance(content, str) else json.dumps(content, indent=1), "utf-8"
                )
        return tmp_path / "shop"

    return write
