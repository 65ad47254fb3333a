"""Which records a list's form has chosen: those that are ticked, or all that its filters match."""

from dataclasses import dataclass
from uuid import UUID

from fieldstone.engine.bulk import BulkRequest
from fieldstone.engine.bulk.request import Op
from fieldstone.problems import FieldstoneError
from fieldstone.ui.lists.state import ListState
from fieldstone.ui.visit import Visit

MOST_TICKED = 1000


class NothingChosen(FieldstoneError):
    code = "selection.empty"
    kind = "malformed"


@dataclass(frozen=True, slots=True)
class Selection:
    """`ids` is None when everything that the list's filters match is meant."""

    ids: tuple[UUID, ...] | None
    state: ListState
    filter: str

    def request(self, op: Op, **values: object) -> BulkRequest:
        """The bulk run of one change to the selection."""
        if self.ids is not None:
            return BulkRequest(op, ids=self.ids, values=values)
        return BulkRequest(op, filter=self.filter or "true", q=self.state.q or None, values=values)

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """The selection as inputs of a further form."""
        return [("all", "1")] if self.ids is None else [("id", str(each)) for each in self.ids]


def selection_of(visit: Visit, state: ListState) -> Selection:
    """The selection that a form sent. Raises NothingChosen."""
    form = visit.request.form
    if form.get("all") == "1" and not state.to_repair:
        return Selection(None, state, state.filter_text(visit))
    try:
        ids = tuple(dict.fromkeys(UUID(each) for each in form.getlist("id")))
    except ValueError:
        ids = ()
    if not ids or len(ids) > MOST_TICKED:
        raise NothingChosen(visit.texts("selection.malformed", most=MOST_TICKED))
    return Selection(ids, state, "")
