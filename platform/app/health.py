"""`GET /healthz`: whether this process can serve requests, for load balancers and supervisors.

It needs no sign-in and no tenant, and says nothing but `ok` or what does not answer.
"""

import psycopg
from flask import Flask, Response
from sqlalchemy import literal, select
from sqlalchemy.exc import SQLAlchemyError

from fieldstone.app.services import Services
from fieldstone.engine.storage.connection import compile_plan

ONE = compile_plan(select(literal(1)))


def register(app: Flask, services: Services) -> None:
    @app.get("/healthz")
    def healthz() -> Response:
        try:
            with services.engine.database.connection() as connection:
                connection.fetch(ONE)
        except (SQLAlchemyError, psycopg.Error):
            return _plain("database does not answer\n", 503)
        return _plain("ok\n", 200)


def _plain(text: str, status: int) -> Response:
    return Response(text, status, mimetype="text/plain", headers={"Cache-Control": "no-store"})
