"""What an import is refused with as a whole, before any row is looked at."""

from fieldstone.problems import FieldstoneError


class UnreadableSource(FieldstoneError):
    """The file is not what it claims to be, or larger than an import may be."""

    code = "import.unreadable"
    kind = "malformed"


class BadImportOptions(FieldstoneError):
    """The mapping or another option does not fit the file or the entity."""

    code = "import.options"
    kind = "malformed"


class UnknownImport(FieldstoneError):
    """There is no such import run, or it is not the actor's to see."""

    code = "import.unknown"
    kind = "not_found"


class UnknownMapping(FieldstoneError):
    """There is no saved mapping of this name."""

    code = "import.mapping_unknown"
    kind = "not_found"


class TooManyMappings(FieldstoneError):
    """An entity has as many saved mappings as are kept."""

    code = "import.mappings_many"
    kind = "refused"


class ImportBusy(FieldstoneError):
    """The run is in a state in which this cannot be done."""

    code = "import.state"
    kind = "conflict"
