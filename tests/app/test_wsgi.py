"""The web application by itself: health without sign-in, and a clear word when it is started wrongly."""

from pathlib import Path

import pytest
from flask import Flask

from fieldstone.app.embedded import Endpoints
from fieldstone.app.health import register
from fieldstone.app.services import make_services
from fieldstone.app.settings import SettingMalformed, read_settings
from fieldstone.app.wsgi import services_from_environment


def probe(endpoints: Endpoints) -> tuple[int, str]:
    app = Flask("probe", root_path=str(Path(__file__).parent))
    services = make_services(read_settings({}), endpoints)
    register(app, services)
    answer = app.test_client().get("/healthz")
    services.database.dispose()
    return answer.status_code, answer.text


def test_health_is_ok_without_sign_in(endpoints: Endpoints) -> None:
    assert probe(endpoints) == (200, "ok\n")


def test_health_says_when_the_database_is_away(tmp_path: Path) -> None:
    away = Endpoints(f"postgresql+psycopg://u:p@/x?host={tmp_path}", None, "unix:///nowhere")
    status, text = probe(away)
    assert status == 503
    assert "database" in text
    assert "tmp" not in text, "nothing about the inside"


def test_web_process_without_addresses_says_which_are_missing() -> None:
    with pytest.raises(SettingMalformed, match="FIELDSTONE_DATABASE_URL"):
        services_from_environment(read_settings({}))
