"""By which ways somebody hears of which kinds of notices, and when: the person's own choice over the company's.

Stored are only choices; what nobody chose is as `DEFAULTS` says. The company's stand in its settings, a person's among
the preferences of the account.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import time
from typing import Any, Final, Literal, cast
from uuid import UUID

import sqlalchemy as sa
from psycopg.types.json import Jsonb
from sqlalchemy.dialects.postgresql import ARRAY, insert

from fieldstone.engine.context import Company, Context
from fieldstone.engine.permissions import require_manage
from fieldstone.engine.service import Engine
from fieldstone.engine.storage import control
from fieldstone.engine.storage.connection import compile_plan
from fieldstone.engine.tenants.settings import store_company
from fieldstone.engine.transaction import Transaction
from fieldstone.problems import FieldstoneError, Problem, did_you_mean
from fieldstone.workflows.notifications.notice import GROUPS

Mail = Literal["now", "digest", "off"]
MAIL: Final = ("now", "digest", "off")
KEY: Final = "notifications"
FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class Ways:
    """By which ways a kind of notices is told."""

    app: bool = True
    mail: Mail = "now"
    chat: bool = True


@dataclass(frozen=True, slots=True)
class Quiet:
    """Hours in which no mail is sent: it waits until they end. `start` may be later than `end`: over midnight."""

    start: time
    end: time
    weekend: bool = False


DEFAULTS: Final[Mapping[str, Ways]] = {
    "approval.asked": Ways(),
    "approval.urged": Ways(),
    "approval.decided": Ways(),
    "approval.cc": Ways(mail="digest", chat=False),
    "approval.stuck": Ways(chat=False),
    "reminder": Ways(),
    "assigned": Ways(chat=False),
    "mention": Ways(chat=False),
    "automation": Ways(chat=False),
}


@dataclass(frozen=True, slots=True)
class Preferences:
    """A person's ways, or the company's. `chat` is the channel that notices of this person are also posted to."""

    groups: Mapping[str, Ways] = field(default_factory=lambda: DEFAULTS)
    quiet: Quiet | None = None
    digest: time = time(8)
    chat: UUID | None = None

    def ways(self, group: str) -> Ways:
        return self.groups.get(group, DEFAULTS["automation"])

    def to_json(self) -> dict[str, Any]:
        """All of it, as the API tells it."""
        quiet = self.quiet
        return {
            "groups": {
                name: {"app": ways.app, "mail": ways.mail, "chat": ways.chat}
                for name, ways in self.groups.items()
            },
            "quiet": None if quiet is None else {
                "from": f"{quiet.start:%H:%M}", "to": f"{quiet.end:%H:%M}", "weekend": quiet.weekend,
            },
            "digest": f"{self.digest:%H:%M}",
            "chat": str(self.chat) if self.chat else None,
        }  # fmt: skip


class BadPreferences(FieldstoneError):
    """Choices that cannot be; `problems` says where."""

    code = "notifications.preferences"
    kind = "invalid"


_PERSON: Final = sa.bindparam("person", type_=sa.Uuid())
_OF_MANY: Final = compile_plan(
    sa.select(control.preference.c.user_id, control.preference.c.value).where(
        control.preference.c.user_id == sa.any_(sa.bindparam("people", type_=ARRAY(sa.Uuid()))),
        control.preference.c.key == KEY,
    )
)
_INSERT: Final = insert(control.preference).values(
    user_id=_PERSON, key=KEY, value=sa.bindparam("value", type_=control.preference.c.value.type)
)
_PUT: Final = compile_plan(
    _INSERT.on_conflict_do_update(
        index_elements=[control.preference.c.user_id, control.preference.c.key],
        set_={"value": _INSERT.excluded.value},
    )
)


def company_preferences(company: Company) -> Preferences:
    """What holds for who chose nothing."""
    return _over(Preferences(), company.settings.get(KEY) or {})


def preferences_of(tx: Transaction, people: Iterable[UUID]) -> dict[UUID, Preferences]:
    """What holds for some people."""
    wanted = sorted(set(people))
    common = company_preferences(tx.context.company)
    stored = {row[0]: row[1] for row in tx.fetch(_OF_MANY, {"people": wanted})} if wanted else {}
    return {person: _over(common, stored.get(person) or {}) for person in wanted}


def own_preferences(tx: Transaction) -> Preferences:
    """What holds for the actor."""
    person = _own(tx)
    return preferences_of(tx, [person])[person]


def change_own(tx: Transaction, changes: Mapping[str, Any]) -> Preferences:
    """Change some of the actor's choices; null goes back to the company's. Raises BadPreferences."""
    return change_of(tx, _own(tx), changes)


def change_of(tx: Transaction, person: UUID, changes: Mapping[str, Any]) -> Preferences:
    """Change somebody's choices; asking whether that is allowed is the caller's."""
    rows = tx.fetch(_OF_MANY, {"people": [person]})
    stored = _merged(rows[0][1] if rows else {}, _checked(changes))
    tx.defer(_PUT, {"person": person, "value": Jsonb(stored)})
    return _over(company_preferences(tx.context.company), stored)


def change_company(engine: Engine, context: Context, changes: Mapping[str, Any]) -> Preferences:
    """Change what holds for who chose nothing. Raises Denied and BadPreferences."""
    engine.read(context, lambda tx: require_manage(tx, "company"))
    checked = _checked(changes)
    with engine.database.connection() as connection:
        _, company = engine.models.current(connection, context.tenant)
    stored = _merged(company.settings.get(KEY) or {}, checked)
    return company_preferences(store_company(engine, context, {KEY: stored}))


def _own(tx: Transaction) -> UUID:
    if tx.context.actor.id is None:
        raise FieldstoneError("Only people are told of things.", code="account.none", kind="refused")
    return tx.context.actor.id


def _merged(stored: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Stored choices after some changes, by merge patch."""
    made: dict[str, Any] = {**stored, "format": FORMAT}
    for name, value in changes.items():
        if value is None:
            made.pop(name, None)
        elif name == "groups":
            groups = dict(made.get("groups") or {})
            for group, ways in value.items():
                groups[group] = {**(groups.get(group) or {}), **(ways or {})} if ways is not None else None
            made["groups"] = {group: ways for group, ways in groups.items() if ways}
        else:
            made[name] = value
    return made


def _over(below: Preferences, stored: Mapping[str, Any]) -> Preferences:
    """Preferences with stored choices over them. Stored groups that are not known any more are left out."""
    groups = dict(below.groups)
    for name, chosen in (stored.get("groups") or {}).items():
        if name in groups:
            ways = groups[name]
            groups[name] = Ways(
                bool(chosen.get("app", ways.app)),
                cast(Mail, chosen.get("mail", ways.mail)),
                bool(chosen.get("chat", ways.chat)),
            )
    quiet = below.quiet
    if "quiet" in stored:
        given = stored["quiet"]
        quiet = (
            Quiet(
                time.fromisoformat(given["from"]),
                time.fromisoformat(given["to"]),
                given.get("weekend", False),
            )
            if given
            else None
        )
    digest = time.fromisoformat(stored["digest"]) if stored.get("digest") else below.digest
    chat = below.chat if "chat" not in stored else UUID(stored["chat"]) if stored["chat"] else None
    return Preferences(groups, quiet, digest, chat)


def _checked(changes: Mapping[str, Any]) -> dict[str, Any]:
    """The changes, if they can be stored. Raises BadPreferences with everything that is wrong."""
    problems: list[Problem] = []
    for name in changes:
        if name not in ("groups", "quiet", "digest", "chat"):
            known = ("groups", "quiet", "digest", "chat")
            problems.append(_problem(f"/{name}", f'There is no "{name}"{did_you_mean(name, known)}.'))
    groups = changes.get("groups")
    if groups is not None and not isinstance(groups, Mapping):
        problems.append(_problem("/groups", "Give an object: kind of notices -> ways."))
    else:
        for name, ways in (groups or {}).items():
            problems += _ways_problems(str(name), ways)
    quiet = changes.get("quiet")
    if quiet is not None and quiet is not False and not _is_quiet(quiet):
        problems.append(_problem("/quiet", 'Give {"from": "22:00", "to": "07:00"}, false for none.'))
    if changes.get("digest") is not None and _time(changes["digest"]) is None:
        problems.append(_problem("/digest", "Give a time of day, such as 08:00."))
    chat = changes.get("chat")
    if chat is not None and chat != "" and not _is_id(chat):
        problems.append(_problem("/chat", "Give the id of a chat channel."))
    if problems:
        raise BadPreferences("These choices cannot be stored.", problems=problems)
    return dict(changes)


def _ways_problems(name: str, ways: Any) -> list[Problem]:
    if name not in GROUPS:
        return [_problem(f"/groups/{name}", f'There is no kind "{name}"{did_you_mean(name, GROUPS)}.')]
    if ways is None:
        return []
    if not isinstance(ways, Mapping):
        return [_problem(f"/groups/{name}", 'Give an object such as {"mail": "digest"}.')]
    found = []
    for way, value in ways.items():
        good = value in MAIL if way == "mail" else way in ("app", "chat") and isinstance(value, bool)
        if not good:
            message = "app and chat are true or false, mail is now, digest or off."
            found.append(_problem(f"/groups/{name}/{way}", message))
    return found


def _problem(pointer: str, message: str) -> Problem:
    return Problem(pointer, "notifications.preferences", message)


def _is_quiet(value: Any) -> bool:
    if not isinstance(value, Mapping) or not set(value) <= {"from", "to", "weekend"}:
        return False
    if not isinstance(value.get("weekend", False), bool):
        return False
    start, end = _time(value.get("from")), _time(value.get("to"))
    return start is not None and end is not None and start != end


def _time(value: Any) -> time | None:
    if not isinstance(value, str) or len(value) != 5:
        return None
    try:
        return time.fromisoformat(value)
    except ValueError:
        return None


def _is_id(value: Any) -> bool:
    try:
        return bool(str(UUID(str(value))) == value)
    except ValueError:
        return False
