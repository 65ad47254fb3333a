"""What reading refuses with."""

from fieldstone.problems import FieldstoneError


class BadRequest(FieldstoneError):
    """A filter, sort, cursor or field list that cannot be read."""

    code = "request.malformed"
    kind = "malformed"
