"""Entity tags in requests: If-Match before a change, If-None-Match before an answer (RFC 9110, 13.1)."""

import re
from typing import Final

from flask import Request

from fieldstone.problems import FieldstoneError

TAG: Final = r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"'
LIST: Final = re.compile(rf"\s*{TAG}(?:\s*,\s*{TAG})*\s*")
ONE: Final = re.compile(TAG)
NEVER: Final = -1
"""A version that no record has: for tags that are none of ours, or weak, which If-Match never accepts."""


class BadTag(FieldstoneError):
    """A header that is no list of entity tags."""

    code = "precondition.malformed"
    kind = "malformed"


def if_match(request: Request) -> int | None:
    """The version that the caller has seen; None when the header is absent or `*`."""
    header = request.headers.get("If-Match")
    if header is None or header.strip() == "*":
        return None
    tags = _tags("If-Match", header)
    if len(tags) > 1:
        raise BadTag('If-Match takes one version here, such as "3".')
    return _version(tags[0])


def known_versions(request: Request) -> tuple[int, ...] | None:
    """The versions that If-None-Match says the caller has already; None when it says `*`."""
    header = request.headers.get("If-None-Match")
    if header is None:
        return ()
    if header.strip() == "*":
        return None
    return tuple(_version(tag.removeprefix("W/")) for tag in _tags("If-None-Match", header))


def is_known(known: tuple[int, ...] | None, version: int) -> bool:
    return known is None or version in known


def _tags(name: str, header: str) -> list[str]:
    if not LIST.fullmatch(header):
        raise BadTag(f'{name} must be an entity tag such as "3", in double quotes.')
    return ONE.findall(header)


def _version(tag: str) -> int:
    inner = tag[1:-1]
    plain = (
        tag[0] == '"'
        and inner.isascii()
        and inner.isdecimal()
        and len(inner) < 19
        and str(int(inner)) == inner
    )
    return int(inner) if plain else NEVER
