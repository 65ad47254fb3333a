"""Who may be here: those who manage metadata. For others there is no such page."""

from fieldstone.engine.permissions import may_manage
from fieldstone.ui.visit import PageMissing, Visit


def is_customiser(visit: Visit) -> bool:
    """Whether the visitor may change definitions; templates ask it too."""
    return visit.signed_in is not None and may_manage(visit, "metadata")


def require_customiser(visit: Visit) -> None:
    """Raise PageMissing for anybody else."""
    if not is_customiser(visit):
        raise PageMissing("There is no such page.")
