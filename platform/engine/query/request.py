"""What a caller asks of a list or an aggregate: plain values, parsed by the edge, checked by the query."""

from dataclasses import dataclass
from typing import Any, Literal

MAX_LIMIT = 200
COUNT_CAP = 10_000


@dataclass(frozen=True, slots=True)
class ListRequest:
    """A page of records.

    `filter` is an expression; `sort` names fields, `-` before a name for descending; `fields` None means all;
    `count` is "no", "capped" (at most 10,000) or "exact"; `deleted` lists what was deleted instead.
    """

    filter: str | None = None
    sort: tuple[str, ...] = ()
    fields: tuple[str, ...] | None = None
    expand: tuple[str, ...] = ()
    limit: int = 50
    cursor: str | None = None
    count: Literal["no", "capped", "exact"] = "no"
    q: str | None = None
    deleted: bool = False
    to_repair: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """Records of a list, the cursor of the next page (None: the last one), and the count where asked for."""

    data: list[dict[str, Any]]
    next: str | None
    count: int | None = None
    count_is_exact: bool = True


@dataclass(frozen=True, slots=True)
class GroupKey:
    """A field to group by; dates by year, quarter, month, week or day. `name` is the answer's property."""

    field: str
    by: str | None = None

    @property
    def name(self) -> str:
        path = self.field.replace(".", "_")
        return f"{path}_{self.by}" if self.by else path


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure over each group: count, sum, avg, min, max or distinct of a field or an expression."""

    fn: str
    field: str | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class AggregateRequest:
    """Groups and their figures."""

    group: tuple[GroupKey, ...] = ()
    measures: tuple[Measure, ...] = ()
    filter: str | None = None
    sort: tuple[str, ...] = ()
    limit: int = 1000
    q: str | None = None
