"""What a write is refused with because of duplicates."""

from fieldstone.problems import FieldstoneError


class Duplicate(FieldstoneError):
    """A rule that blocks says that there is such a record already; `data` has `duplicates`, as far as they may be told."""

    code = "duplicate.blocked"
    kind = "conflict"


class LikelyDuplicate(FieldstoneError):
    """The caller asked to be told of likely duplicates before anything is stored, and there are some."""

    code = "duplicate.likely"
    kind = "conflict"
