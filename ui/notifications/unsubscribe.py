"""The page that a mail's link to end such mails opens. It needs no session: the link says whose mails.

GET only shows, since mail programs open links by themselves; POST ends them, also the one that mail programs send for
their own button (RFC 8058), which comes from no page of ours.
"""

from werkzeug.wrappers import Response

from fieldstone.ui.visit import PageMissing, Visit
from fieldstone.workflows.notifications.unsubscribing import BadLink, Ending, end_mails, read_link


def ask(visit: Visit, token: str) -> Response:
    """Show what would be ended."""
    return _do(visit, token, end=False)


def end(visit: Visit, token: str) -> Response:
    """End it."""
    return _do(visit, token, end=True)


def _do(visit: Visit, token: str, *, end: bool) -> Response:
    if visit.tenant is None:
        raise PageMissing("There is no such link.")
    verb = end_mails if end else read_link
    try:
        ending: Ending = verb(visit.services.engine, visit.tenant, token)
    except BadLink:
        return visit.page("notifications/unsubscribe_over.html", status=404)
    return visit.page("notifications/unsubscribe.html", ending=ending, done=end or ending.already)
