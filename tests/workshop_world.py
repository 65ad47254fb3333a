"""A tenant with a workshop: pieces with states, places, days and parts, to be looked at in every kind of view."""

from pathlib import Path
from typing import Any

from ui_world import World, make_world

from fieldstone.engine import records
from fieldstone.engine.identity import find_person, set_password
from fieldstone.engine.transaction import Transaction

WORKSHOP = Path(__file__).parent / "packages" / "workshop"
PASSWORD = "seven quiet rivers"
COMPANY = {"name": "The Workshop", "currency": "EUR", "time_zone": "Asia/Taipei"}


def make_workshop(url: str, name: str) -> World:
    """The tenant, with `mara` (maker) and `luke` (looker) beside the administrator."""
    made = make_world(url, name, WORKSHOP, COMPANY)
    made.services.engine.write(made.system(), fill)
    with made.services.engine.database.connection() as connection:
        for person in ("mara", "luke"):
            found = find_person(connection, made.tenant, person)
            assert found is not None
            set_password(connection, made.tenant, found.id, PASSWORD)
    return made


def fill(tx: Transaction) -> None:
    """Two places; a machine of twelve pieces, three of them planned in March 2026; somebody to look at them."""
    hall = records.create(tx, "place", {"name": "Hall", "city": "Taipei"})["id"]
    yard = records.create(tx, "place", {"name": "Yard", "city": "Tokyo"})["id"]
    machine = records.create(tx, "piece", {"label": "Machine", "state": "made", "price": "1000.00"})["id"]
    for number in range(12):
        body: dict[str, Any] = {
            "label": f"Part {number:02}",
            "state": ("planned", "made")[number % 2],
            "price": f"{10 + number}.00",
            "above": str(machine),
            "weight": f"{number}.50",
            "spare": number % 3 == 0,
        }
        if number < 6:
            body["place"] = str(hall if number < 4 else yard)
        if number < 3:
            body |= {"begin": f"2026-03-{10 + number}", "close": f"2026-03-{11 + number * 2}"}
            body["meeting"] = f"2026-03-1{number}T01:30:00Z"
        records.create(tx, "piece", body)
    for username, role in (("mara", "maker"), ("luke", "looker")):
        body = {"username": username, "name": username.title(), "email": f"{username}@example.org"}
        user = records.create(tx, "user", body)
        records.create(tx, "role_grant", {"user": str(user["id"]), "role": role})
