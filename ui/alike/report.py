"""The report of likely duplicates of one entity: groups, page by page, each a step away from being merged."""

from werkzeug.wrappers import Response

from fieldstone.engine import duplicates
from fieldstone.engine.query.errors import BadRequest
from fieldstone.engine.transaction import Transaction
from fieldstone.ui.alike.merge import may_merge
from fieldstone.ui.visit import PageMissing, Visit

GROUPS = 20


def show(visit: Visit, entity: str) -> Response:
    """A page of groups."""
    definition = visit.entity(entity)
    if not definition.duplicates or not visit.may(entity, "read"):
        raise PageMissing("There are no rules about duplicates here.", entity=entity)
    rule = visit.request.args.get("rule") or None
    cursor = visit.request.args.get("cursor") or None

    def work(tx: Transaction) -> duplicates.Report:
        return duplicates.duplicate_groups(tx, entity, rule=rule, cursor=cursor, limit=GROUPS)

    try:
        report = visit.read(work)
    except BadRequest as error:
        raise PageMissing("There is no such page.", entity=entity) from error
    rules = [
        (each.name, visit.labels.duplicate(definition, each.name, each.title))
        for each in definition.duplicates
    ]
    return visit.page(
        "alike/report.html",
        page_entity=entity,
        entity=definition,
        report=report,
        rules=rules,
        rule=rule,
        titles=dict(rules),
        may_merge=may_merge(visit, definition),
    )
