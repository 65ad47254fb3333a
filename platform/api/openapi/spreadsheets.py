"""The addresses under which a spreadsheet becomes entities: a file is sent, its proposal is shown, changed and applied.

A proposal that is sent back may leave out what it does not change; sheets and columns are known by their names in the file.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from fieldstone.api.openapi.operations import (
    ID,
    LOCATION,
    Operations,
    answer,
    body_of,
    json_of,
    reading,
    ref,
    writing,
)
from fieldstone.api.openapi.shared import COUNT, MAYBE_TEXT, NUMBER, TEXT, UUID, many, whole
from fieldstone.engine.imports.sources import TYPES as FILES
from fieldstone.engine.spreadsheets.kinds import TYPES as KINDS
from fieldstone.engine.spreadsheets.proposal import LONGEST_TITLE

FLAG: Final = {"type": "boolean"}
WORDS: Final = {"type": "string", "maxLength": LONGEST_TITLE}
COLUMN: Final[dict[str, Any]] = {
    "column": {**WORDS, "description": "Its name in the file."},
    "name": {**WORDS, "description": "The name of the field."},
    "title": WORDS,
    "type": {"type": "string", "enum": list(KINDS)},
    "use": FLAG,
    "required": FLAG,
    "unique": FLAG,
    "target": {**MAYBE_TEXT, "description": "Of a link: a sheet or an entity."},
    "options": many(TEXT),
    "currency": MAYBE_TEXT,
    "parse": {**MAYBE_TEXT, "description": "How its dates and numbers are written."},
    "scale": {"type": ["integer", "null"], "minimum": 0, "maximum": 10},
    "blanks": {**many(TEXT), "description": "Texts that mean nothing was given."},
    "samples": {**many(TEXT), "description": "Seen; cannot be changed, like the counts."},
    "filled": COUNT,
    "distinct": COUNT,
    "misfits": {**COUNT, "description": "Values that the type cannot read."},
}
SHEET: Final[dict[str, Any]] = {
    "sheet": {**WORDS, "description": "Its name in the file."},
    "name": {**WORDS, "description": "The name of the entity."},
    "title": WORDS,
    "title_field": WORDS,
    "use": FLAG,
    "rows": COUNT,
    "icon": WORDS,
    "roles": {**many(TEXT), "description": "Who may work with its records."},
}


def changed(known_by: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """An object whose properties may be left out, all but its name in the file."""
    return {
        "type": "object",
        "required": [known_by],
        "properties": dict(properties),
        "additionalProperties": False,
    }


OUTCOME: Final = whole(revision=NUMBER, imports=many(whole(entity=TEXT, id=UUID)), later=FLAG)
SCHEMAS: Final[dict[str, dict[str, Any]]] = {
    "SpreadsheetOutcome": {
        **OUTCOME,
        "description": "What was published, and an import for each entity; `later`: these go on.",
    },
    "Spreadsheet": whole(
        id=UUID,
        name=TEXT,
        state=TEXT,
        proposal=whole(
            format=NUMBER,
            sheets=many(whole(**SHEET, columns=many(whole(**COLUMN)))),
            notes=many(TEXT),
        ),
        plan={"anyOf": [{"type": "null"}, ref("Plan")]},
        problems=many(whole(pointer=TEXT, code=TEXT, message=TEXT)),
        outcome={"anyOf": [{"type": "null"}, ref("SpreadsheetOutcome")]},
    ),
    "SpreadsheetChange": {
        "type": "object",
        "properties": {
            "sheets": many(changed("sheet", {**SHEET, "columns": many(changed("column", COLUMN))}))
        },
    },
}


def spreadsheet_paths(name: Sequence[Mapping[str, Any]]) -> dict[str, Operations]:
    """Paths and their operations; `name` is the parameter that names a file."""
    shown = json_of(ref("Spreadsheet"))
    files = {kind: {"schema": {"type": "string"}} for kind, read in FILES.items() if read != "ndjson"}
    outcome = json_of(ref("SpreadsheetOutcome"))
    path = "/metadata/from-spreadsheet"
    return {
        path: {
            "post": writing(
                "start_spreadsheet", "Propose entities from a file", {"201": answer("The proposal and its plan", shown, LOCATION)},
                parameters=list(name), requestBody={"required": True, "content": files},
            )
        },
        f"{path}/{{id}}": {
            "get": reading(
                "read_spreadsheet", "A proposal and its plan", {"200": answer("As it stands", shown)}, (404,), parameters=[ID]
            ),
            "patch": writing(
                "change_spreadsheet", "Change a proposal", {"200": answer("As changed", shown)}, (404,),
                parameters=[ID], requestBody=body_of(ref("SpreadsheetChange")),
            ),
            "delete": writing(
                "drop_spreadsheet", "Forget a proposal and its file", {"204": answer("Forgotten")}, (404,), parameters=[ID]
            ),
        },
        f"{path}/{{id}}/apply": {
            "post": writing(
                "apply_spreadsheet", "Make the entities as planned and import the rows",
                {"200": answer("Done", outcome), "202": answer("The imports go on", outcome)}, (404, 412),
                parameters=[ID], requestBody=body_of(ref("ApplyRequest")),
            )
        },
    }  # fmt: skip
