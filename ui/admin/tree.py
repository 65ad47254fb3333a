"""Teams as a tree: read once, ordered by name within each level."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from fieldstone.engine.query.listing import list_records
from fieldstone.engine.query.request import ListRequest
from fieldstone.engine.transaction import Transaction

FIELDS: Final = ("name", "code", "kind", "parent", "manager", "active")
PAGE: Final = 200


@dataclass(slots=True)
class Node:
    """A team with those below it. `depth` is how many teams are above."""

    id: UUID
    name: str
    kind: str | None
    manager: str | None
    active: bool
    depth: int = 0
    children: "list[Node]" = field(default_factory=list)


def all_teams(tx: Transaction) -> list[dict[str, Any]]:
    """Every team that the visitor may read, by name."""
    found: list[dict[str, Any]] = []
    cursor = None
    while True:
        request = ListRequest(fields=FIELDS, expand=("manager",), sort=("name",), limit=PAGE, cursor=cursor)
        page = list_records(tx, "team", request)
        found += page.data
        cursor = page.next
        if cursor is None:
            return found


def tree(teams: Sequence[dict[str, Any]]) -> list[Node]:
    """The teams without one above, each with its branches. A team whose parent cannot be seen counts as a root."""
    nodes = {each["id"]: _node(each) for each in teams}
    parents = {each["id"]: _id(each["parent"]) for each in teams}
    roots: list[Node] = []
    for each in teams:
        above = nodes.get(parents[each["id"]])
        (above.children if above and not _circular(each["id"], parents) else roots).append(nodes[each["id"]])
    for root in roots:
        _deepen(root, 0)
    return roots


def flat(teams: Sequence[dict[str, Any]], without: UUID | None = None) -> list[Node]:
    """The tree read from top to bottom, without one branch (a team cannot hang below itself)."""
    return [node for root in tree(teams) for node in _walk(root, without)]


def _circular(team: Any, parents: dict[Any, Any]) -> bool:
    """Whether a team comes back to itself upwards (records written before that was refused)."""
    seen = {team}
    above = parents.get(team)
    while above is not None and above not in seen:
        seen.add(above)
        above = parents.get(above)
    return bool(above == team)


def _walk(node: Node, without: UUID | None) -> Iterator[Node]:
    if node.id != without:
        yield node
        for child in node.children:
            yield from _walk(child, without)


def _deepen(node: Node, depth: int) -> None:
    node.depth = depth
    for child in node.children:
        _deepen(child, depth + 1)


def _node(team: dict[str, Any]) -> Node:
    manager = team["manager"]
    name = manager.get("name") if isinstance(manager, dict) else None
    return Node(team["id"], team["name"] or "", team["kind"], name, team["active"] is not False)


def _id(link: Any) -> Any:
    return link["id"] if isinstance(link, dict) else link
