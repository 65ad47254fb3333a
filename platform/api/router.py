"""Finding the route of a path and method.

The API has one Flask rule and matches the rest itself, because what Flask answers to an unknown path or method is
decided outside of a blueprint, in HTML. Segments written out win over variables.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from fieldstone.api.answers import Answer
from fieldstone.api.problems import HttpError

Handler = Callable[..., Answer]
"""Called with the call and the variables of the path."""

Access = Literal["signed in", "any", "read", "create", "update", "delete", "import", "area", "signed"]
"""What a caller needs: only to be somebody; any right on the entity; that verb's right on the entity; an area's; a signature."""


@dataclass(frozen=True, slots=True)
class Route:
    """One address with one method. `limit` is the most bytes that its body may have (None: the usual for JSON)."""

    method: Literal["GET", "POST", "PATCH", "PUT", "DELETE"]
    path: str
    handler: Handler
    access: Access
    summary: str
    limit: int | None = None

    @property
    def segments(self) -> tuple[str, ...]:
        return tuple(self.path.strip("/").split("/"))


@dataclass(slots=True)
class _Node:
    """All routes of one path, by method."""

    segments: tuple[str, ...]
    methods: dict[str, Route] = field(default_factory=dict)

    def match(self, parts: Sequence[str]) -> dict[str, str] | None:
        found = {}
        for segment, part in zip(self.segments, parts, strict=True):
            if segment[0] == "{":
                found[segment[1:-1]] = part
            elif segment != part:
                return None
        return found


class Router:
    """The routes, by number of segments; among them those with fewer variables first."""

    def __init__(self, routes: Sequence[Route]) -> None:
        nodes: dict[tuple[str, ...], _Node] = {}
        for route in routes:
            nodes.setdefault(route.segments, _Node(route.segments)).methods[route.method] = route
        self._nodes: dict[int, list[_Node]] = {}
        for segments in sorted(nodes, key=lambda s: [part[0] == "{" for part in s]):
            self._nodes.setdefault(len(segments), []).append(nodes[segments])

    def match(self, method: str, path: str) -> tuple[Route, dict[str, str]]:
        """The route and its variables. Raises HttpError 404 or 405 (with Allow)."""
        parts = path.split("/")
        if "" not in parts:
            for node in self._nodes.get(len(parts), ()):
                variables = node.match(parts)
                if variables is not None:
                    route = node.methods.get("GET" if method == "HEAD" else method)
                    if route is None:
                        raise self._wrong_method(method, node)
                    return route, variables
        raise HttpError(404, "address.unknown", "There is nothing at this address.")

    def _wrong_method(self, method: str, node: _Node) -> HttpError:
        allowed = sorted({*node.methods, *(("HEAD",) if "GET" in node.methods else ())})
        names = ", ".join(allowed)
        return HttpError(405, "method.unknown", f"{method} is not possible here; use {names}.", Allow=names)
