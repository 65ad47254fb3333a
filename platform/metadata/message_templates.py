"""The compiled form of message templates (documents in `templates/`): the texts of notices and mails in every language."""

from collections.abc import Mapping
from dataclasses import dataclass

FALLBACK = "en"


@dataclass(frozen=True, slots=True)
class MessageTemplate:
    """Texts by locale, as Jinja2 sources for the sandbox; `variables` are the names that they may use.

    `subject` is one line (the notice's heading, too), `text` the plain message, `html` the mail's rich form (may be
    empty: made from the text). `entity`: whose records it is about, when it is about one kind.
    """

    name: str
    title: str
    subject: Mapping[str, str]
    text: Mapping[str, str]
    html: Mapping[str, str]
    variables: tuple[str, ...] = ()
    entity: str | None = None
    description: str = ""
    layer: str = ""

    def locale(self, wanted: str) -> str:
        """The locale to take: the wanted one, its language, English, or the first there is."""
        for name in (wanted, wanted.partition("-")[0], FALLBACK):
            if name in self.subject:
                return name
        return next(iter(self.subject))
