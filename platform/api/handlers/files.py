"""Files: uploaded as they are or as a form, and given back as attachments.

What is given back can do nothing in a browser: it is an attachment of a type that is not run, under a name made here.
Only thumbnails, which the platform drew itself, are shown in pages.
"""

from io import BytesIO
from typing import Final
from urllib.parse import quote

from werkzeug.exceptions import HTTPException
from werkzeug.formparser import FormDataParser
from werkzeug.http import parse_options_header

from fieldstone.api.answers import Answer, is_record_id, json_answer
from fieldstone.api.call import Call
from fieldstone.api.fields import ParameterText
from fieldstone.api.handlers.records import NOTHING
from fieldstone.api.problems import HttpError
from fieldstone.api.schemas import InvalidRequest, Strict
from fieldstone.engine.files import SIZE_LIMIT, StoredFile, UnknownFile, read_file, read_thumbnail, store_file
from fieldstone.problems import Problem

ROOM: Final = 100_000
"""What a form may add to the file itself."""

UPLOAD_LIMIT: Final = SIZE_LIMIT + ROOM
ACTIVE: Final = ("html", "xml", "svg", "script", "pdf+", "x-shockwave", "xhtml")
GUARDS: Final = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cache-Control": "private, no-store",
}
SHOWN: Final = {**GUARDS, "Cache-Control": "private, max-age=3600", "Content-Disposition": "inline"}


class UploadParameters(Strict):
    """What a raw body cannot say of itself."""

    name = ParameterText(longest=400, load_default=None)


UPLOAD: Final = UploadParameters()


def upload(call: Call) -> Answer:
    name = call.parameters(UPLOAD)["name"]
    sent = call.request.mimetype
    if sent == "multipart/form-data":
        found, media_type, content = _of_form(call)
    elif sent == "application/x-www-form-urlencoded":
        raise HttpError(415, "body.type", "Send the file itself with its own type, or multipart/form-data.")
    else:
        _, options = parse_options_header(call.request.headers.get("Content-Disposition", ""))
        found, media_type, content = options.get("filename", ""), sent, call.raw
    if not content:
        raise InvalidRequest("The file is empty.", problems=[Problem("", "empty", "The file is empty.")])
    return call.write(
        lambda tx: _described(call, store_file(tx, name or found or "file", media_type, content))
    )


def _described(call: Call, described: dict[str, object]) -> Answer:
    return json_answer(described, 201, {"Location": f"{call.base}/files/{described['id']}"})


def _of_form(call: Call) -> tuple[str, str, bytes]:
    """Name, type and content of the one file in a form."""
    try:
        parser = FormDataParser(silent=False, max_form_parts=20)
        options = dict(call.request.mimetype_params)
        _, _, files = parser.parse(BytesIO(call.raw), "multipart/form-data", len(call.raw), options)
    except (ValueError, HTTPException) as error:
        raise InvalidRequest("The form cannot be read.", code="form.malformed", kind="malformed") from error
    parts = [part for _, values in files.lists() for part in values]
    if len(parts) != 1:
        raise InvalidRequest("Send one file in the form.", code="form.files", kind="malformed")
    part = parts[0]
    return part.filename or "", part.mimetype or "", part.stream.read()


def download(call: Call, id: str) -> Answer:
    call.parameters(NOTHING)
    which = is_record_id(id)
    if which is None:
        raise UnknownFile("There is no such file.")
    file = call.read(lambda tx: read_file(tx, which))
    return Answer(
        200, file.content, {**GUARDS, "Content-Disposition": disposition(file)}, safe_type(file.type)
    )


def thumbnail(call: Call, id: str) -> Answer:
    """A picture made small. It was drawn here, so it may be shown in a page."""
    call.parameters(NOTHING)
    which = is_record_id(id)
    if which is None:
        raise UnknownFile("There is no such picture.")
    file = call.read(lambda tx: read_thumbnail(tx, which))
    return Answer(200, file.content, dict(SHOWN), file.type)


def disposition(file: StoredFile) -> str:
    """An attachment under a name made from the id, and under its own for clients that read RFC 5987."""
    suffix = file.name.rpartition(".")[2].lower()
    ending = (
        f".{suffix}" if "." in file.name and suffix.isascii() and suffix.isalnum() and len(suffix) < 9 else ""
    )
    return f"attachment; filename=\"file-{file.id.hex[-12:]}{ending}\"; filename*=UTF-8''{quote(file.name, safe='')}"


def safe_type(media_type: str) -> str:
    """The stored type, unless a browser might run it."""
    harmless = "/" in media_type and not any(word in media_type for word in ACTIVE)
    return media_type if harmless else "application/octet-stream"
