"""What a widget knows about the value that it shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from markupsafe import Markup

from fieldstone.metadata.definitions import Entity, Field, Model
from fieldstone.metadata.presentation import Labels
from fieldstone.ui.formats import Formats
from fieldstone.ui.messages import Texts
from fieldstone.ui.urls import Urls

BLANK: Final = Markup("")


@dataclass(frozen=True, slots=True)
class Cell:
    """A value, its field, the record it stands in (for companions such as a currency), and who looks.

    `compact` is true in a list, where a value has one line.
    """

    value: Any
    entity: Entity
    field: Field
    record: Mapping[str, Any]
    model: Model
    labels: Labels
    formats: Formats
    texts: Texts
    urls: Urls
    currency: str
    compact: bool = True
