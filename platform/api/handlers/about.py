"""What there is: who I am, and the schema of an entity."""

from typing import Any, Final

from fieldstone.api.answers import Answer, json_answer, json_bytes
from fieldstone.api.call import Call
from fieldstone.api.fields import ParameterChoice
from fieldstone.api.handlers.records import NOTHING
from fieldstone.api.rights import names_of
from fieldstone.api.schemas import Strict
from fieldstone.engine.permissions import NotFound
from fieldstone.engine.records.subject import readable_entity
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.contract import record_schema

SCHEMA_TYPE: Final = "application/schema+json"


class SchemaParameters(Strict):
    """Which contract."""

    purpose = ParameterChoice("create", "patch", "read", data_key="for", load_default="create")


SCHEMA: Final = SchemaParameters()
VERBS: Final = {"create": "create", "patch": "update", "read": "read"}


def me(call: Call) -> Answer:
    call.parameters(NOTHING)
    actor, company = call.context.actor, call.context.company
    return json_answer(
        {
            "id": actor.id,
            "name": actor.name,
            "roles": sorted(actor.roles),
            "teams": sorted(map(str, actor.teams)),
            "locale": actor.locale,
            "time_zone": actor.time_zone,
            "tenant": call.tenant.name,
            "revision": call.context.revision,
            "company": {
                "name": company.name,
                "currency": company.currency,
                "time_zone": company.time_zone,
                "languages": company.languages,
                "fiscal_year_start": company.fiscal_year_start,
            },
        }
    )


def schema(call: Call, entity: str) -> Answer:
    """The plain JSON Schema of an entity's records, with the properties that this caller may send or see."""
    purpose = call.parameters(SCHEMA)["purpose"]

    def work(tx: Transaction) -> bytes:
        program, access = readable_entity(tx, entity)
        if not access.allows(VERBS[purpose]):
            raise NotFound(f'There is no entity "{entity}" to {VERBS[purpose]}.', entity=entity)
        key = ("schema", tx.model.hash, tx.context.actor.roles, entity, purpose)

        def make() -> bytes:
            names = names_of(tx, access)
            found: dict[str, Any] = record_schema(
                tx.model, program.entity, purpose, names.readable, names.writable
            )
            return json_bytes(found)

        return call.kept.get_or(key, make)  # type: ignore[no-any-return]

    return Answer(200, call.read(work), {"Cache-Control": "private, no-cache"}, SCHEMA_TYPE)
