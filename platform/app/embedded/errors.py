"""What can go wrong with the embedded servers."""

from pathlib import Path

from fieldstone.problems import FieldstoneError


class HomeRefused(FieldstoneError):
    """The home folder cannot be used by this account; the message says which and what to do."""

    code = "embedded.home"
    kind = "refused"


class ServerFailed(FieldstoneError):
    """An embedded server did not start, answer or stop; the message ends with its own last words."""

    code = "embedded.server"
    kind = "unavailable"


def last_words(log: Path, lines: int = 8) -> str:
    """The end of a server's log, for an error message."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - 4000))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return ""
    return "\n".join(text.splitlines()[-lines:])
