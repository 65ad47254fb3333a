"""How the lack of a right is said: as absence where the thing may not be known, as denial where it may."""

from collections.abc import Iterable

from fieldstone.problems import FieldstoneError, did_you_mean


class NotFound(FieldstoneError):
    """Absent, or hidden from this actor: the two are the same answer."""

    code = "entity.unknown"
    kind = "not_found"


class Denied(FieldstoneError):
    """The actor may know of the thing, but not do this to it."""

    code = "permission.denied"
    kind = "denied"


class LastAdministrator(FieldstoneError):
    """The change would leave nobody who can administer the tenant."""

    code = "administrator.last"
    kind = "refused"


def unknown_entity(name: str, visible: Iterable[str]) -> NotFound:
    """The one answer for an entity that does not exist and one without any right.

    Suggestions come from what the actor can see, so that they tell nothing either.
    """
    return NotFound(f'There is no entity "{name}"{did_you_mean(name, visible)}.', entity=name)


def unknown_field(entity: str, name: str, visible: Iterable[str]) -> NotFound:
    """The one answer for a field that does not exist and one that is hidden."""
    return NotFound(
        f'{entity} has no field "{name}"{did_you_mean(name, visible)}.',
        code="field.unknown",
        entity=entity,
        field=name,
    )
