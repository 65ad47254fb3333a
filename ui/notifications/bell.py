"""The bell in the header: how much is unread, asked once a minute and cheap to answer.

It is open to everybody and tells nobody anything who is not signed in: a page whose session has ended goes on as it is
(status 286 ends htmx's asking), instead of being covered by a sign-in dialog every minute.
"""

from werkzeug.wrappers import Response

from fieldstone.ui.visit import Visit
from fieldstone.workflows.notifications import unread

STOP = 286


def count(visit: Visit) -> Response:
    """The number on the bell; nothing new is 304."""
    if visit.signed_in is None:
        return Response("", STOP, mimetype="text/html")
    found = visit.read(unread)
    response = visit.partial("notifications/count.html", unread=found.count)
    response.headers["Cache-Control"] = "private, no-cache"
    response.set_etag(f"{visit.texts.locale}-{visit.actor.id}-{found.mark}")
    return response.make_conditional(visit.request.environ)
