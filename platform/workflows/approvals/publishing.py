"""Runs that a publish would leave without something that they read, by the definition and revision that they go by."""

from collections.abc import Iterator, Sequence
from typing import Final

import sqlalchemy as sa

from fieldstone.engine.service import LeftBehind
from fieldstone.engine.storage import control
from fieldstone.engine.storage.connection import compile_plan
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.approval_flows import Workflow
from fieldstone.metadata.definitions import Entity, Model
from fieldstone.workflows.approvals.carry import model_of
from fieldstone.workflows.approvals.store import GOING
from fieldstone.workflows.approvals.values import GIVEN, Path, assignees_of, expressions_of, missing_in

SAMPLES: Final = 5
_RUN: Final = control.approval_run
_GOING: Final = compile_plan(
    sa.select(
        _RUN.c.workflow,
        _RUN.c.revision,
        sa.func.count(),
        sa.func.array_agg(_RUN.c.record),
    )
    .where(_RUN.c.state.in_(GOING))
    .group_by(_RUN.c.workflow, _RUN.c.revision)
    .order_by(_RUN.c.workflow, _RUN.c.revision)
)


class RunningApprovals:
    """Fills the engine's protocol `Running`."""

    def left_behind(self, tx: Transaction, new: Model) -> Sequence[LeftBehind]:
        found = []
        for name, revision, count, records in tx.fetch(_GOING):
            model = model_of(tx, revision)
            definition = model.workflows.get(name)
            if definition is None:
                continue
            missing = tuple(dict.fromkeys(lost(definition, model, new)))
            if missing:
                found.append(
                    LeftBehind(name, revision, definition.entity, count, tuple(records[:SAMPLES]), missing)
                )
        return found


def lost(definition: Workflow, model: Model, new: Model) -> Iterator[str]:
    """What a definition of one model reads or sets and another model lacks, as paths from its entity."""
    entity = new.entities.get(definition.entity)
    if entity is None:
        yield definition.entity
        return
    for path in paths_of(definition, model):
        if missing_in(new, entity, path) and not missing_in(model, _own(definition, model), path):
            yield ".".join((entity.name, *path))


def paths_of(definition: Workflow, model: Model) -> Iterator[Path]:
    """Every path that a definition reads, shows or sets."""
    for expression in expressions_of(definition, model.tables):
        yield from sorted(path for path in expression.deps if path[0] not in GIVEN)
    texts = [*definition.figures, *definition.material, *([definition.field] if definition.field else ())]
    for values in definition.on.values():
        texts += values
    for step in definition.all_steps():
        texts += [*step.figures, *step.set, *(access.name for access in step.fields)]
        texts += [step.record] if step.record else []
        for line in assignees_of(step):
            if line.kind in ("field", "team_head", "manager", "managers") and line.value:
                texts.append(line.value)
    for text in texts:
        yield tuple(text.split("."))


def _own(definition: Workflow, model: Model) -> Entity:
    return model.entities[definition.entity]
