"""The addresses that everybody who is signed in has: who I am, search, files, imports, and this document."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from fieldstone.api.openapi.operations import ID, LOCATION, Operations, answer, json_of, reading, ref, writing
from fieldstone.api.openapi.shared import many, whole
from fieldstone.engine.files import THUMBNAIL_TYPE

BINARY: Final = {"type": "string", "contentMediaType": "application/octet-stream"}
CONTENT: Final = {**BINARY, "minLength": 1}
ATTACHED: Final = {"Content-Disposition": {"required": True, "schema": {"type": "string"}}}


def common_paths(parameters: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, Operations]:
    """Paths and their operations; `parameters` has those of `search` and `upload`."""
    imported = {"200": answer("The import as it stands", json_of(ref("Import")))}
    reverted = {
        "200": answer("What was taken back, and what was edited since and kept", json_of(ref("Reverted"))),
        "202": answer("It goes on: the import tells how far", json_of(ref("Import")), LOCATION),
    }
    form = {
        "type": "object",
        "required": ["file"],
        "properties": {"file": CONTENT},
        "additionalProperties": False,
    }
    found: dict[str, Operations] = {
        "/openapi.json": {
            "get": reading(
                "openapi", "This API, as far as I may use it", {"200": answer("OpenAPI 3.1", json_of({"type": "object"}))}
            )
        },
        "/me": {"get": reading("me", "Who I am", {"200": answer("I", json_of(ref("Me")))})},
        "/search": {
            "get": reading(
                "search",
                "Records of any entity that hold all the words",
                {"200": answer("Records", json_of(whole(data=many(ref("Hit")))))},
                parameters=list(parameters["search"]),
            )
        },
        "/files": {
            "post": writing(
                "upload",
                "Store a file",
                {"201": answer("Stored", json_of(ref("File")), LOCATION)},
                parameters=[*parameters["upload"], "Idempotency-Key"],
                requestBody={
                    "required": True,
                    "content": {
                        "multipart/form-data": {"schema": form},
                        "application/octet-stream": {"schema": CONTENT},
                        "*/*": {"schema": CONTENT},
                    },
                },
            )
        },
        "/files/{id}": {
            "get": reading(
                "download", "The content of a file", {"200": answer("The content", {"*/*": {"schema": BINARY}}, ATTACHED)}, (404,)
            )
        },
        "/files/{id}/thumbnail": {
            "get": reading(
                "thumbnail", "A picture, made small", {"200": answer("The picture", {THUMBNAIL_TYPE: {"schema": BINARY}})}, (404,)
            )
        },
        "/imports/{id}": {"get": reading("read_import", "An import as it stands", imported, (404,))},
        "/imports/{id}/stop": {"post": writing("stop_import", "Stop an import", imported, (404,))},
        "/imports/{id}/revert": {"post": writing("revert_import", "Take an import back", reverted, (404,))},
    }  # fmt: skip
    return {
        path: {
            method: {**each, "tags": ["common"], "parameters": [*([ID] if "{id}" in path else ()), *each.get("parameters", ())]}
            for method, each in operations.items()
        }
        for path, operations in found.items()
    }  # fmt: skip
