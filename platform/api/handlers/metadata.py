"""Definitions: the documents of this tenant, their drafts, plans, publishing and going back.

All of it is for those who manage metadata. A document's ETag is the version of its draft (`"0"` without one).
"""

from collections.abc import Mapping
from typing import Any, Final

from marshmallow import fields

from fieldstone.api.answers import Answer, etag, json_answer
from fieldstone.api.bodies import MERGE_PATCH, NotAnObject
from fieldstone.api.call import Call
from fieldstone.api.fields import ParameterChoice, ParameterInteger, StrictInteger, StrictText
from fieldstone.api.handlers.records import NOTHING
from fieldstone.api.preconditions import if_match
from fieldstone.api.schemas import InvalidRequest, Strict
from fieldstone.engine import publish
from fieldstone.engine.publish import PublishPlan, PublishResult
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.fields.json import storable
from fieldstone.problems import Problem

MOST_REVISIONS: Final = 200
CONSENT: Final = fields.List(StrictText(), load_default=[])


class WhichDraft(Strict):
    """Published, or as it would be after publishing."""

    draft = ParameterChoice("0", "1", load_default="0")


class WhichPart(WhichDraft):
    """The effective document, or what one layer says of it."""

    layer = ParameterChoice("tenant", load_default=None)


class HowMany(Strict):
    limit = ParameterInteger(1, MOST_REVISIONS, load_default=50)


class PlanEnvelope(Strict):
    """What to plan: publishing the drafts, or going back to a revision."""

    to = StrictInteger(1, 2**31 - 1, load_default=None)


class PublishEnvelope(Strict):
    """A plan as it was shown, and the changes agreed to."""

    base = StrictInteger(0, 2**31 - 1, required=True)
    plan = StrictText(required=True)
    consent = CONSENT


class RollbackEnvelope(Strict):
    """The revision to go back to, the plan as it was shown, and the changes agreed to."""

    to = StrictInteger(1, 2**31 - 1, required=True)
    plan = StrictText(required=True)
    consent = CONSENT


DRAFT: Final = WhichDraft()
PART: Final = WhichPart()
MANY: Final = HowMany()
PLAN: Final = PlanEnvelope()
PUBLISH: Final = PublishEnvelope()
ROLLBACK: Final = RollbackEnvelope()


def list_folder(call: Call, folder: str) -> Answer:
    draft = call.parameters(DRAFT)["draft"] == "1"
    found = call.read(lambda tx: publish.list_documents(tx, folder, draft=draft))
    return json_answer({"data": [{"name": name, "title": title} for name, title in found]})


def read(call: Call, folder: str, name: str) -> Answer:
    asked = call.parameters(PART)
    body, version = call.read(
        lambda tx: publish.get_document(tx, folder, name, layer=asked["layer"], draft=asked["draft"] == "1")
    )
    return json_answer(body, headers={"ETag": etag(version)})


def put(call: Call, folder: str, name: str) -> Answer:
    """Replace the tenant's part in the draft. What it says is checked by the plan."""
    call.parameters(NOTHING)
    patch, seen = call.json(MERGE_PATCH), if_match(call.request)
    if not isinstance(patch, Mapping):
        problem = Problem("", "type", "A document must be an object.")
        raise NotAnObject(problem.message, problems=[problem])
    problems: list[Problem] = []
    storable(patch, "", problems)
    if problems:
        raise InvalidRequest(problems[0].message, problems=problems)

    def work(tx: Transaction) -> Answer:
        version = publish.put_draft(tx, folder, name, patch, if_match=seen)
        stored, _ = publish.get_document(tx, folder, name, layer="tenant", draft=True)
        return json_answer(stored, headers={"ETag": etag(version)})

    return call.write(work)


def delete(call: Call, folder: str, name: str) -> Answer:
    """Draft that the tenant says nothing of the document; with ?draft=1 only forget its draft."""
    only_draft = call.parameters(DRAFT)["draft"] == "1"
    seen = if_match(call.request)

    def work(tx: Transaction) -> Answer:
        if only_draft:
            publish.delete_draft(tx, folder, name, if_match=seen)
            version = 0
        else:
            version = publish.remove_tenant_part(tx, folder, name, if_match=seen)
        return Answer(204, headers={"ETag": etag(version)})

    return call.write(work)


def plan(call: Call) -> Answer:
    call.parameters(NOTHING)
    to: int | None = call.envelope(PLAN)["to"]
    made = call.read(lambda tx: publish.make_plan(tx) if to is None else publish.rollback_plan(tx, to))
    return json_answer(plan_json(made))


def publish_drafts(call: Call) -> Answer:
    call.parameters(NOTHING)
    asked = call.envelope(PUBLISH)
    return call.publish(
        lambda also: publish.publish(
            call.engine, call.context, asked["base"], asked["plan"], asked["consent"], also=also
        ),
        _published,
    )


def rollback(call: Call) -> Answer:
    call.parameters(NOTHING)
    asked = call.envelope(ROLLBACK)
    return call.publish(
        lambda also: publish.rollback(
            call.engine, call.context, asked["to"], asked["plan"], asked["consent"], also=also
        ),
        _published,
    )


def revisions(call: Call) -> Answer:
    limit: int = call.parameters(MANY)["limit"]
    found = call.read(lambda tx: publish.revisions(tx, limit))
    return json_answer(
        {
            "data": [
                {
                    "number": each.number,
                    "at": each.at,
                    "actor": each.actor,
                    "kind": each.kind,
                    "changes": each.changes,
                    "note": each.note,
                }
                for each in found
            ]
        }
    )


def plan_json(made: PublishPlan) -> dict[str, Any]:
    """A plan as the API answers it."""
    return {
        "base": made.base,
        "plan": made.hash,
        "changes": [change.to_json() for change in made.changes],
        "problems": [
            {
                "pointer": problem.path,
                "code": problem.code,
                "message": problem.message,
                "document": problem.file,
                "layer": problem.layer,
            }
            for problem in made.problems
        ],
    }


def _published(result: PublishResult) -> Answer:
    return json_answer({"revision": result.revision, "builds": result.builds})
