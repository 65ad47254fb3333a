"""The order of packages: each after those that it requires; or why there is none."""

from collections.abc import Sequence
from typing import Final

from fieldstone.metadata.documents import Package
from fieldstone.metadata.versions import in_range
from fieldstone.problems import Problem, did_you_mean

LAYERS: Final = ("base", "generated", "tenant")


def in_dependency_order(packages: Sequence[Package]) -> tuple[list[Package], list[Problem]]:
    """The packages, required ones first, else in the order given, and what is wrong with `requires`."""
    known = {package.name: package for package in packages}
    problems = [
        Problem(
            "/name",
            "package.name",
            f'"{name}" is the name of a layer; choose another one',
            file="package.json",
        )
        for name in LAYERS
        if name in known
    ]
    if len(known) < len(packages):
        names = [package.name for package in packages]
        for name in sorted({name for name in names if names.count(name) > 1}):
            problems.append(
                Problem("/name", "package.twice", f'two packages are called "{name}"', file="package.json")
            )
    for package in packages:
        for name, wanted in package.requires.items():
            wrong = _wrong(name, wanted, known)
            if wrong:
                message = f'package "{package.name}" {wrong}'
                problems.append(
                    Problem(f"/requires/{name}", "package.requires", message, file="package.json")
                )
    ordered: list[Package] = []

    def place(package: Package, path: tuple[str, ...]) -> None:
        if package in ordered:
            return
        if package.name in path:
            words = " -> ".join((*path[path.index(package.name) :], package.name))
            message = f"packages require each other in a circle: {words}"
            problems.append(Problem("/requires", "package.circle", message, file="package.json"))
            return
        for name in package.requires:
            if name in known:
                place(known[name], (*path, package.name))
        if package not in ordered:
            ordered.append(package)

    for package in known.values():
        place(package, ())
    return ordered, problems


def _wrong(name: str, wanted: str, known: dict[str, Package]) -> str:
    if name not in known:
        return f'requires the package "{name}", which is not here{did_you_mean(name, known)}'
    have = known[name].version
    fits = in_range(have, wanted)
    if fits is None:
        return f'requires "{name}" in "{wanted}", which is no range of versions'
    return "" if fits else f'requires "{name}" {wanted}, but version {have} is here'
