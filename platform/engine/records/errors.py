"""What verbs refuse with."""

from fieldstone.engine.storage.failures import Conflict, InvalidContent
from fieldstone.problems import FieldstoneError


class UnknownRecord(FieldstoneError):
    """There is no such record, or it is hidden from the actor: the two look the same."""

    code = "record.unknown"
    kind = "not_found"


class NotAllowed(FieldstoneError):
    """The actor may know of the thing but not do this with it."""

    code = "denied"
    kind = "denied"


class Stale(FieldstoneError):
    """Somebody changed the record since it was read; `data` has the current version."""

    code = "stale"
    kind = "stale"


class Refused(FieldstoneError):
    """A rule of the product says no, whatever the content."""

    code = "refused"
    kind = "refused"


__all__ = ["Conflict", "InvalidContent", "NotAllowed", "Refused", "Stale", "UnknownRecord"]
