"""Finds the file and line that a place of an effective document came from."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from fieldstone.metadata.definitions import Document
from fieldstone.metadata.documents import Package
from fieldstone.metadata.json_source import escape
from fieldstone.metadata.layers import Layer, layer_of
from fieldstone.metadata.meta_schemas import FOLDERS, Shape, shape_of
from fieldstone.problems import Problem


class Sources:
    """The documents of each layer, as they were written."""

    def __init__(self, packages: Iterable[Package], tenant: Layer) -> None:
        self.packages = {package.name: package for package in packages}
        self.tenant = tenant

    def located(self, document: Document, problem: Problem) -> Problem:
        """The problem with its layer, and the file and line where that layer said it."""
        layer = layer_of(document, problem.path)
        package = self.packages.get(layer)
        source = package.documents.get((document.folder, document.name)) if package else None
        file = f"{document.folder}/{document.name}.json"
        if source is None:
            return replace(problem, layer=layer, file=file)
        pointer = source_pointer(shape_of(FOLDERS[document.folder]), document.body, source.body, problem.path)
        return replace(problem, layer=layer, file=source.file or file, line=source.line(pointer))


def source_pointer(shape: Shape, effective: Any, source: Any, pointer: str) -> str:
    """The place in one layer's document that corresponds to a place of the effective one.

    They differ in arrays that merge by key. Gives the nearest place around it when the layer does not say it.
    """
    result = ""
    for token in pointer.split("/")[1:]:
        step = token.replace("~1", "/").replace("~0", "~")
        if shape.mode == "keyed" and isinstance(effective, list) and isinstance(source, list):
            if not step.isdigit() or int(step) >= len(effective):
                return result
            item = effective[int(step)]
            key = item.get(shape.key) if isinstance(item, Mapping) else None
            if key is None:  # not an element that merges: the array is one value, with the same positions
                same_place = int(step) < len(source)
                return f"{result}/{step}" if same_place else result
            at = next(
                (
                    i
                    for i, item in enumerate(source)
                    if isinstance(item, Mapping) and item.get(shape.key) == key
                ),
                None,
            )
            if at is None:
                return result
            effective, source, shape = effective[int(step)], source[at], shape.item or Shape()
            result += f"/{at}"
            continue
        inside = (
            step in source if isinstance(source, Mapping) else isinstance(source, list) and step.isdigit()
        )
        if not inside or (isinstance(source, list) and int(step) >= len(source)):
            return result
        shape = shape.member(step) if shape.mode == "object" else Shape()
        effective = _below(effective, step)
        source = _below(source, step)
        result += f"/{escape(step)}"
    return result


def _below(value: Any, step: str) -> Any:
    if isinstance(value, Mapping):
        return value.get(step)
    return value[int(step)] if isinstance(value, list) and int(step) < len(value) else None
