"""The next batch of a file: read and drafted while the server stores the one before.

What a row says needs no database, so it is worked out in the time that the import would otherwise only wait. What goes
wrong with a batch is raised when its turn comes, not within the one before.
"""

from collections.abc import Iterator, Mapping, Sequence

from fieldstone.engine.imports.plan import Draft, ImportPlan
from fieldstone.engine.imports.repeats import Repeat
from fieldstone.engine.imports.sources import Row


class Batch:
    """Some rows, and what the good ones of them say."""

    def __init__(self, rows: Sequence[Row], repeats: Mapping[int, Repeat]) -> None:
        self.rows = rows
        self._good = [row for row in rows if not row.wrong and row.number not in repeats]
        self._drafts: list[Draft] | None = None
        self._plan: ImportPlan | None = None

    def drafting(self, plan: ImportPlan) -> Iterator[None]:
        """Make the drafts, a column at a time."""
        found = [Draft(row.number, {}) for row in self._good]
        yield from plan.fill(self._good, found)
        self._drafts, self._plan = found, plan

    def drafts(self, plan: ImportPlan) -> list[Draft]:
        """The drafts, to be changed by whoever takes them: asked again, it makes new ones."""
        found, self._drafts = self._drafts, None
        return found if found is not None and self._plan is plan else plan.drafts(self._good)


class Ahead:
    """Batches in turn; `work` gets the next one ready, in small steps."""

    def __init__(
        self, batches: Iterator[Sequence[Row]], plan: ImportPlan, repeats: Mapping[int, Repeat]
    ) -> None:
        self._batches, self._repeats = batches, repeats
        self.plan = plan
        self._next: Batch | None = None
        self._wrong: Exception | None = None
        self._steps = self._ready()

    def __iter__(self) -> Iterator[Batch]:
        while True:
            for _ in self._steps:
                pass
            if self._wrong is not None:
                raise self._wrong
            if self._next is None:
                return
            batch, self._next = self._next, None
            self._steps = self._ready()
            yield batch

    def work(self) -> Iterator[None]:
        """Get the next batch ready, as far as whoever waits goes on asking."""
        return self._steps

    def _ready(self) -> Iterator[None]:
        try:
            rows = next(self._batches, None)
            if rows is not None:
                batch = Batch(rows, self._repeats)
                yield
                yield from batch.drafting(self.plan)
                self._next = batch
        except Exception as error:
            self._wrong = error
