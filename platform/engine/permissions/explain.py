"""Why something is allowed or refused: the rule, and the role and layer that it comes from.

The answer is made from the same allowances that `access` decides by. It tells about hidden fields only those
who manage definitions; everybody else gets the answer for a field that does not exist.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from fieldstone.engine.permissions.access import NO_BINDINGS, EntityAccess, Scope, access
from fieldstone.engine.permissions.allowances import IMPLIED, WRITES, Allowance
from fieldstone.engine.permissions.areas import may_manage
from fieldstone.engine.permissions.errors import unknown_field
from fieldstone.engine.permissions.fields import governing, named
from fieldstone.engine.permissions.owners import within
from fieldstone.expressions import Bindings, evaluate
from fieldstone.metadata.definitions import Model, Reach
from fieldstone.metadata.layers import layer_of

WORDS: Final[Mapping[Reach, str]] = {
    "none": "no records",
    "own": "own records",
    "team": "records of the own teams",
    "team_and_below": "records of the own teams and those below",
    "all": "all records",
}


@dataclass(frozen=True, slots=True)
class Reason:
    """One rule and what it says. `code` is stable:

    system            the platform itself acts
    role.none         no role of the actor names the entity or the verb
    role.allows       the role allows the verb on some records (`reach`)
    role.refuses      the role names the entity, with reach none for the verb
    reach.holds       the record is within the role's reach; reach.refuses: it is not
    rule.holds        the role's record rule holds for the record; rule.refuses: it does not
    field.shown       the role lets the field be read or written; field.hidden, field.locked: it does not
    field.derived     the field is computed from something that is hidden
    """

    allowed: bool
    code: str
    message: str
    role: str | None = None
    layer: str | None = None
    rule: str | None = None


def explain(
    tx: Scope,
    entity: str,
    verb: str,
    record: Mapping[str, Any] | None = None,
    field: str | None = None,
    *,
    owner_team: UUID | None = None,
    bindings: Bindings = NO_BINDINGS,
) -> list[Reason]:
    """Which rule of which role and layer allows or refuses a verb, on one record or for one field if given.

    NotFound for what the actor may not know of. `owner_team` is as for `EntityAccess.permits`.
    """
    actor = tx.context.actor
    found = access(tx, entity)
    if (
        field is not None
        and field not in found.readable
        and not (may_manage(tx, "metadata") and field in found.entity.fields)
    ):
        raise unknown_field(entity, field, found.readable)
    if found.everything:
        return [Reason(True, "system", "The platform itself acts.")]
    reasons: list[Reason] = []
    for each in found.allowances:
        reasons += _of_role(tx.model, found, each, verb)
        if record is not None and each.reach(verb) != "none":
            holds = within(found.governing.name, each.reach(verb), record, actor, owner_team)
            reasons.append(
                _reason(tx.model, found, each, verb, holds, "reach", _reach_text(each, verb, holds))
            )
            reasons += _rules(each, verb, record, bindings)
    if not any(each.reach(verb) != "none" for each in found.allowances) and not reasons:
        reasons.append(Reason(False, "role.none", f"None of the roles allows {verb} on {entity}."))
    if field is not None:
        reasons += _field(tx.model, found, verb, field)
    return reasons


def _of_role(model: Model, found: EntityAccess, each: Allowance, verb: str) -> list[Reason]:
    reach = each.reach(verb)
    if reach == "none" and verb not in each.verbs and IMPLIED.get(verb) not in each.verbs:
        return []
    text = f"{_name(each)} allows {verb} on {WORDS[reach]} of {found.governing.name}."
    code = "refuses" if reach == "none" else "allows"
    return [
        Reason(reach != "none", f"role.{code}", text, each.role or None, _layer(model, found, each, verb))
    ]


def _reason(
    model: Model, found: EntityAccess, each: Allowance, verb: str, holds: bool, what: str, text: str
) -> Reason:
    code = f"{what}.{'holds' if holds else 'refuses'}"
    return Reason(holds, code, text, each.role or None, _layer(model, found, each, verb))


def _reach_text(each: Allowance, verb: str, holds: bool) -> str:
    return f"{_name(each)}: the record is {'' if holds else 'not '}among {WORDS[each.reach(verb)]}."


def _rules(each: Allowance, verb: str, record: Mapping[str, Any], bindings: Bindings) -> list[Reason]:
    reasons = []
    for rule in each.rules_for(verb):
        holds = evaluate(rule.when, record, bindings=bindings) is True
        outcome = "holds" if holds else "does not hold"
        text = f"{_name(each)}: the record rule {rule.name} ({rule.when.source}) {outcome}."
        code = f"rule.{'holds' if holds else 'refuses'}"
        reasons.append(Reason(holds, code, text, each.role or None, rule.layer or each.layer, rule.name))
    return reasons


def _field(model: Model, found: EntityAccess, verb: str, field: str) -> list[Reason]:
    _, path = governing(model, found.entity)
    writing = verb in WRITES
    reasons = []
    for each in found.allowances:
        verbs = WRITES if writing else ("read",)
        if not any(each.reach(name) != "none" for name in verbs):
            continue
        if named(path, field, each.hidden):
            code, text = "field.hidden", f"{_name(each)} hides {field}."
        elif writing and named(path, field, each.locked):
            code, text = "field.locked", f"{_name(each)} locks {field}."
        else:
            code, text = "field.shown", f"{_name(each)} lets {field} be {'written' if writing else 'read'}."
        reasons.append(Reason(code == "field.shown", code, text, each.role or None, each.layer))
    if field not in found.readable and any(reason.allowed for reason in reasons):
        text = f"{field} is computed from something that is hidden."
        reasons.append(Reason(False, "field.derived", text, None, found.entity.fields[field].layer))
    return reasons


def _name(each: Allowance) -> str:
    return f"Role {each.role}" if each.role else "The directory of colleagues"


def _layer(model: Model, found: EntityAccess, each: Allowance, verb: str) -> str:
    """The layer that set this verb of this grant, as far as its document remembers, else the role's."""
    document = model.documents.get(("roles", each.role))
    if document is None:
        return each.layer
    for at, grant in enumerate(document.body.get("entities", ())):
        if grant.get("name") == each.source:
            return layer_of(document, f"/entities/{at}/verbs/{IMPLIED.get(verb, verb)}")
    return each.layer
