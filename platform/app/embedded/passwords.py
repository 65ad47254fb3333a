"""The passwords of a home's servers, made once and kept in `run/secrets.json`."""

import json
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from fieldstone.app.embedded.private import write_private

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Passwords:
    """One password per login: PostgreSQL's superuser, the application role, Valkey."""

    superuser: str
    application: str
    valkey: str


def load_or_make(run: Path) -> Passwords:
    path = run / "secrets.json"
    if path.exists():
        stored = json.loads(path.read_text(encoding="utf-8"))
        return Passwords(stored["superuser"], stored["application"], stored["valkey"])
    made = Passwords(*(secrets.token_hex(20) for _ in range(3)))
    write_private(path, json.dumps({"format": FORMAT, **asdict(made)}, indent=1) + "\n")
    return made
