"""What publishing refuses with."""

from fieldstone.problems import FieldstoneError


class PlanStale(FieldstoneError):
    """Somebody published meanwhile, or the draft changed since the plan was made. Plan again."""

    code = "plan.stale"
    kind = "stale"


class NothingToPublish(FieldstoneError):
    """What is drafted is what is live already."""

    code = "plan.empty"
    kind = "refused"


class DraftInvalid(FieldstoneError):
    """The documents have problems; nothing was published."""

    code = "draft.invalid"
    kind = "invalid"


class ConsentNeeded(FieldstoneError):
    """The plan has changes that lose data, and they were not all agreed to."""

    code = "plan.consent"
    kind = "refused"


class Busy(FieldstoneError):
    """The tables were in use for longer than a publish waits. Nothing was changed."""

    code = "publish.busy"
    kind = "unavailable"


class UnknownDocument(FieldstoneError):
    """There is no such document."""

    code = "document.unknown"
    kind = "not_found"


class DocumentName(FieldstoneError):
    """A name that no document may have."""

    code = "document.name"
    kind = "invalid"


class DraftStale(FieldstoneError):
    """Somebody changed this document's draft meanwhile."""

    code = "draft.stale"
    kind = "stale"
