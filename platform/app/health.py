"""`GET /healthz`: whether this process can serve requests, for load balancers and supervisors.

It needs no sign-in and no tenant, and says nothing but `ok` or what does not answer.
"""

from flask import Flask, Response
from sqlalchemy import literal, select
from sqlalchemy.exc import SQLAlchemyError

from fieldstone.app.services import Services


def register(app: Flask, services: Services) -> None:
    @app.get("/healthz")
    def healthz() -> Response:
        try:
            with services.database.connect() as connection:
                connection.execute(select(literal(1)))
        except SQLAlchemyError:
            return _plain("database does not answer\n", 503)
        return _plain("ok\n", 200)


def _plain(text: str, status: int) -> Response:
    return Response(text, status, mimetype="text/plain", headers={"Cache-Control": "no-store"})
