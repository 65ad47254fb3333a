"""How it is said that nobody is signed in: the same words whatever was wrong."""

from fieldstone.problems import FieldstoneError


class Unauthenticated(FieldstoneError):
    """No key or session, or one that is unknown, ended, expired, or of somebody who may not sign in."""

    code = "unauthenticated"
    kind = "unauthenticated"


class InvalidLink(FieldstoneError):
    """An invitation or reset link that is unknown, used or expired."""

    code = "link.expired"
    kind = "not_found"


class UnknownUser(FieldstoneError):
    """There is no such user (administration only: sign-in never says so)."""

    code = "user.unknown"
    kind = "not_found"


def wrong_password() -> Unauthenticated:
    """The one answer to every failed sign-in, so that it tells nothing about which accounts exist."""
    return Unauthenticated("User name or password is wrong.", code="signin.failed")


def invalid_link() -> InvalidLink:
    return InvalidLink("This link is no longer valid. Ask for a new one.")
