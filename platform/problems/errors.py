"""The error base and the problem value.

Kinds, and what each means to a caller:

malformed        the request cannot be read (syntax)
unauthenticated  nobody is signed in, or the key is unknown
denied           the actor may know of the thing but not do this
not_found        absent, or hidden from the actor: the two look the same
conflict         clashes with something that exists (unique value, restrict, a run in progress)
stale            somebody changed it meanwhile
invalid          readable, but the content breaks a rule
refused          a rule of the product says no, whatever the content (last administrator)
limited          too much or too often
external         another system failed
unavailable      cannot be answered just now; try again
internal         our fault
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal[
    "malformed", "unauthenticated", "denied", "not_found", "conflict", "stale",
    "invalid", "refused", "limited", "external", "unavailable", "internal",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, at one place.

    `path` is an RFC 6901 JSON pointer into what was checked (a record body, a document). `code` is stable
    (`required`, `maxLength`, `link.unknown`); `message` is for people, in English; `data` holds the values
    that a translated message needs. `file` and `line` are set for problems in package files; `layer` names
    the layer whose rule it is.
    """

    path: str
    code: str
    message: str
    data: Mapping[str, Any] = field(default_factory=dict)
    layer: str | None = None
    file: str | None = None
    line: int | None = None

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line) if part is not None)
        return " ".join(part for part in (place, f"{self.path}:" if self.path else "", self.message) if part)


class FieldstoneError(Exception):
    """Base of every error that Fieldstone raises on purpose.

    Subclasses set `code` and `kind`. `problems` lists what is wrong place by place, when there are places.
    """

    code: str = "internal"
    kind: Kind = "internal"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        kind: Kind | None = None,
        problems: Sequence[Problem] = (),
        **data: Any,
    ) -> None:
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code
        if kind is not None:
            self.kind = kind
        self.problems = tuple(problems)
        self.data = data
