"""The WSGI application, put together: the composition root of the web processes.

Each part of the product that answers requests offers `register(app, services)` and stands in PARTS once.
"""

from collections.abc import Callable
from pathlib import Path

from flask import Flask

from fieldstone import api, ui
from fieldstone.app import health
from fieldstone.app.embedded import Endpoints
from fieldstone.app.services import Services, make_services
from fieldstone.app.settings import SettingMalformed, Settings, read_settings

PARTS: tuple[Callable[[Flask, Services], None], ...] = (health.register, api.register, ui.register)


def create_app(services: Services | None = None) -> Flask:
    """The application. Without `services` it is built from the environment, as a WSGI server needs it."""
    services = services or services_from_environment(read_settings())
    app = Flask("fieldstone", root_path=str(Path(__file__).parent), static_folder=None, template_folder=None)
    for register in PARTS:
        register(app, services)
    return app


def services_from_environment(settings: Settings) -> Services:
    """A web process never starts servers: `fieldstone serve`, or the operator, says where they are."""
    if not settings.database_url or not settings.redis_url:
        raise SettingMalformed(
            "a web process needs FIELDSTONE_DATABASE_URL and FIELDSTONE_REDIS_URL; "
            "`fieldstone serve` sets them for its own"
        )
    return make_services(settings, Endpoints(settings.database_url, None, settings.redis_url))
