"""The world as the core asks for it, answered from the database at the time of one command."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from fieldstone.engine.calendars import (
    NoWorkingTime,
    UnknownCalendar,
    WorkingCalendar,
    add_working,
    add_working_days,
    calendar_for,
)
from fieldstone.engine.ids import new_id
from fieldstone.engine.query.gate import bindings
from fieldstone.engine.transaction import Transaction
from fieldstone.expressions import Bindings, Checked, User
from fieldstone.metadata.approval_flows import Assignee, DecisionTable, TableRow, Workflow
from fieldstone.metadata.definitions import Model
from fieldstone.metadata.iso_durations import DAY
from fieldstone.workflows.approvals.company import Company
from fieldstone.workflows.approvals.core.facts import Broken, Person
from fieldstone.workflows.approvals.values import RecordValues, expressions_of, fetch_linked

Found = Iterator[tuple[UUID, Mapping[str, Any]]]


class DatabaseFacts:
    """See `core.facts.Facts`. `model` is that of the run's revision; values are read from the present record."""

    def __init__(
        self,
        tx: Transaction,
        model: Model,
        definition: Workflow,
        record: UUID,
        submitter: UUID,
        *,
        pending: Mapping[str, Any] | None = None,
        entered: Mapping[str, Any] | None = None,
    ) -> None:
        """`pending` are the values asked for of a bound field; `entered` those of a record that is not stored."""
        self.tx = tx
        self.model = model
        self.definition = definition
        self.submitter = submitter
        self.company = Company(tx)
        self.expressions = tuple(expressions_of(definition, model.tables))
        self.record = RecordValues(
            tx,
            definition.entity,
            record,
            self.expressions,
            self._bindings(),
            given=pending,
            entered=entered,
        )
        self._calendar: WorkingCalendar | None = None

    def _bindings(self) -> Bindings:
        """The clock; `user` is who submitted, whoever acts now, so that a path does not change with its reader."""
        actor = self.tx.context.actor
        if actor.id == self.submitter:
            return bindings(self.tx)
        reads = {name for each in self.expressions for name in each.reads_context}
        roles: tuple[str, ...] = ()
        teams: tuple[str, ...] = ()
        if reads & {"user.roles", "hasRole"}:
            roles = self.company.roles_of(self.submitter)
        if "user.teams" in reads:
            member = self.company.organisation.people.get(self.submitter)
            teams = (str(member.team),) if member is not None and member.team is not None else ()
        return bindings(self.tx, user=User(id=str(self.submitter), roles=roles, teams=teams))

    # -- the protocol

    def value(self, expression: Checked) -> Any:
        return self.record.value(expression)

    def people(
        self, assign: tuple[Assignee, ...], decided: Mapping[str, tuple[UUID, ...]]
    ) -> tuple[Person, ...]:
        self.company.with_roles(each.value for each in assign if each.kind == "role" and each.value)
        found: dict[UUID, Person] = {}
        for line in assign:
            for user, why in self._of_line(line, decided):
                found.setdefault(user, Person(user, line.name, {"rule": line.kind, **why}))
        self.company.know_active(found)
        return tuple(found.values())

    def active(self, user: UUID) -> bool:
        return self.company.active(user)

    def manager(self, user: UUID) -> UUID | None:
        return self.company.organisation.manager(user)

    def administrators(self) -> tuple[UUID, ...]:
        return self.company.administrators()

    def delegate(self, user: UUID) -> UUID | None:
        return self.company.delegate(user, self.definition.name)

    def due(self, start: datetime, seconds: int, working: bool) -> datetime:
        if not working:
            return start + timedelta(seconds=seconds)
        try:
            if self._calendar is None:
                self._calendar = calendar_for(self.tx, self.definition.calendar)
            days, rest = divmod(
                seconds, DAY
            )  # of working time, every whole day of a definition is a working day
            moment = add_working_days(start, days, self._calendar) if days else start
            return add_working(moment, timedelta(seconds=rest), self._calendar) if rest else moment
        except (UnknownCalendar, NoWorkingTime) as error:
            raise Broken(error.message) from error

    def workflow(self, name: str) -> Workflow | None:
        return self.model.workflows.get(name)

    def new_id(self) -> UUID:
        return new_id()

    # -- who a line chooses

    def _of_line(self, line: Assignee, decided: Mapping[str, tuple[UUID, ...]]) -> Found:
        match line.kind:
            case "role":
                yield from self._of_role(line)
            case "user":
                yield self._named(line.value or ""), {}
            case "field":
                yield from self._of_field(line.value or "")
            case "team_head":
                yield from self._head(line)
            case "manager" | "managers":
                yield from self._managers(line)
            case "decided":
                yield from ((user, {"step": line.value}) for user in decided.get(line.value or "", ()))
            case "table":
                yield from self._of_table(line.value or "")
            case "expression":
                if line.expression is not None and (value := self.value(line.expression)) is not None:
                    yield from self._user_or_team(_id(value))
            case "submitter":
                yield self.submitter, {}

    def _named(self, username: str) -> UUID:
        member = self.company.organisation.by_username(username)
        if member is None:
            raise Broken(f'There is no user "{username}".')
        return member.id

    def _of_role(self, line: Assignee) -> Found:
        role = line.value or ""
        if role not in self.tx.model.roles:
            raise Broken(f'There is no role "{role}" any more.')
        users = self.company.with_role(role)
        for user, candidate in self._candidates(users, line.where):
            if line.where is None or self.record.value(line.where, {"candidate": candidate}) is True:
                yield user, {"role": role}

    def _candidates(self, users: Iterable[UUID], where: Checked | None) -> Found:
        """Users with what an expression reads of each as `candidate`."""
        users = list(users)
        paths = [path[1:] for path in where.deps if path[0] == "candidate" and len(path) > 1] if where else []
        if not paths or not users:
            yield from ((user, {"id": user}) for user in users)
            return
        known = fetch_linked(self.tx.as_system(), self.tx.model.entities["user"], users, paths)
        yield from ((user, known.get(user) or {"id": user}) for user in users)

    def _of_field(self, path: str) -> Found:
        value = self.record.at(path)
        if value is not None:
            for user, why in self._user_or_team(_id(value)):
                yield user, {**why, "field": path}

    def _user_or_team(self, which: UUID) -> Found:
        organisation = self.company.organisation
        if which in organisation.teams:
            for user in organisation.members(which):
                yield user, {"team": organisation.teams[which].name}
        elif which in organisation.people:
            yield which, {}
        else:
            raise Broken("The field names neither a user nor a team.")

    def _head(self, line: Assignee) -> Found:
        organisation = self.company.organisation
        if line.value:
            value = self.record.at(line.value)
            team = _id(value) if value is not None else None
            if team is not None and team not in organisation.teams:
                member = organisation.people.get(team)
                team = member.team if member is not None else None
        else:
            member = organisation.people.get(self.submitter)
            team = member.team if member is not None else None
        found = organisation.head(team)
        if found is not None:
            yield found[0], {"team": organisation.teams[found[1]].name}

    def _managers(self, line: Assignee) -> Found:
        organisation = self.company.organisation
        start = self.submitter
        if line.value:
            value = self.record.at(line.value)
            if value is None:
                return
            start = _id(value)
        chain = organisation.chain(start)
        if line.kind == "manager":
            level = line.levels or 1
            if len(chain) >= level:
                yield chain[level - 1], {"level": level}
            return
        for level, (user, candidate) in enumerate(self._candidates(chain, line.until), 1):
            if line.levels is not None and level > line.levels:
                return
            yield user, {"level": level}
            if line.until is not None:
                more = {"candidate": candidate, "level": level}
                if self.record.value(line.until, more) is True:
                    return

    def _of_table(self, named: str) -> Found:
        name, _, output = named.partition(".")
        table = self.model.tables.get(name)
        if table is None:
            raise Broken(f'There is no decision table "{name}".')
        for row in self.rows(table):
            for out, kind in table.outputs.items():
                if kind not in ("user", "role") or (output and out != output):
                    continue
                values = row.then.get(out)
                for value in values if isinstance(values, (list, tuple)) else [values]:
                    if value is None:
                        continue
                    why = {"table": name, "row": row.name}
                    if kind == "user":
                        yield self._named(str(value)), why
                    else:
                        yield from (
                            (user, {**why, "role": value}) for user in self.company.with_role(str(value))
                        )

    def rows(self, table: DecisionTable) -> list[TableRow]:
        """The rows of a decision table that are true for the record, by its hit policy."""
        true = [
            row for row in table.rows if all(self.record.value(when) is True for when in row.when.values())
        ]
        if table.hit == "collect":
            return true
        if table.hit == "unique" and len(true) > 1:
            names = ", ".join(row.name for row in true)
            raise Broken(f'Several rows of the decision table "{table.name}" are true: {names}.')
        return true[:1]


def _id(value: Any) -> UUID:
    """The id that a value of the expression language stands for."""
    if isinstance(value, Mapping):
        value = value.get("id")
    if isinstance(value, UUID):
        return value
    try:
        return UUID(str(value))
    except ValueError:
        raise Broken("The value is neither a user nor a team.") from None
