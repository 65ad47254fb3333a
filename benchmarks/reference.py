"""Reference (a): what somebody would write by hand for this one table, with Flask, SQLAlchemy Core and marshmallow.

It authenticates the same API key (hash looked up, user active), validates with a hand-written schema and commits one
row of a copy of the same table with the same indexes. It has no history, no permissions, no formulas' definitions and
no second tenant. Served by granian like Fieldstone: `benchmarks.reference:make_app`, addresses in BENCH_* variables.
"""

import json
import os
import uuid
from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from flask import Flask, Response, abort, request
from marshmallow import RAISE, Schema, ValidationError, fields, validate
from sqlalchemy.dialects.postgresql import TSVECTOR
from werkzeug.exceptions import HTTPException


class PlaceSchema(Schema):
    class Meta:
        unknown = RAISE

    street = fields.String()
    city = fields.String()
    country = fields.String(validate=validate.Length(equal=2))


class RecordSchema(Schema):
    class Meta:
        unknown = RAISE

    label = fields.String(required=True, validate=validate.Length(1, 200))
    short_label = fields.String(allow_none=True, validate=validate.Length(max=60))
    code = fields.String(required=True, validate=validate.Length(max=40))
    kind = fields.String(validate=validate.OneOf(["company", "person"]))
    status = fields.String(validate=validate.OneOf(["new", "active", "paused", "closed"]))
    grade = fields.String(allow_none=True, validate=validate.OneOf(["A", "B", "C", "D"]))
    region = fields.String(allow_none=True, validate=validate.Length(max=60))
    city = fields.String(allow_none=True, validate=validate.Length(max=80))
    place = fields.Nested(PlaceSchema, allow_none=True)
    email = fields.Email(allow_none=True)
    phone = fields.String(allow_none=True, validate=validate.Regexp(r"\+?[0-9 ()/-]{3,40}$"))
    site = fields.Url(allow_none=True)
    tax_code = fields.String(allow_none=True, validate=validate.Length(max=30))
    people = fields.Integer(allow_none=True, strict=True, validate=validate.Range(min=0))
    turnover = fields.Decimal(allow_none=True, validate=validate.Range(min=0))
    ceiling = fields.Decimal(allow_none=True, validate=validate.Range(min=0))
    used = fields.Decimal(allow_none=True, validate=validate.Range(min=0))
    discount = fields.Decimal(allow_none=True, validate=validate.Range(0, 1))
    rating = fields.Integer(allow_none=True, strict=True, validate=validate.Range(1, 5))
    vip = fields.Boolean()
    founded = fields.Date(allow_none=True)
    last_seen = fields.AwareDateTime(allow_none=True)
    tags = fields.List(fields.String(), allow_none=True)
    note = fields.String(allow_none=True, validate=validate.Length(max=4000))
    above = fields.UUID(allow_none=True)


SCHEMA = RecordSchema()
SIMPLE = sa.literal_column("'simple'::regconfig")
MONEY = ("turnover", "ceiling", "used")


def make_app() -> Flask:
    """The application."""
    engine = sa.create_engine(os.environ["BENCH_DATABASE_URL"], pool_size=8)
    reading = engine.execution_options(isolation_level="AUTOCOMMIT")
    metadata = sa.MetaData()
    records = sa.Table("account_record", metadata, schema="bench_reference", autoload_with=engine)
    users = sa.Table("user", metadata, schema=os.environ["BENCH_TENANT_SCHEMA"], autoload_with=engine)
    keys = sa.Table("api_key", metadata, schema=os.environ["BENCH_CONTROL_SCHEMA"], autoload_with=engine)
    private = {"deleted_at", *(c.name for c in records.c if c.name.endswith("__sort") or c.name[0] == "_")}
    shown = [c for c in records.c if c.name not in private]
    headroom = (records.c.ceiling - records.c.used).label("headroom")
    app = Flask(__name__)

    def authenticate(connection: sa.Connection) -> uuid.UUID:
        scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer":
            abort(401)
        row = connection.execute(
            sa.select(users.c.id)
            .join(keys, keys.c.user_id == users.c.id)
            .where(
                keys.c.hash == sha256(secret.encode()).digest(),
                keys.c.revoked_at.is_(None),
                sa.or_(keys.c.expires_at.is_(None), keys.c.expires_at > sa.func.now()),
                users.c.active,
                users.c.deleted_at.is_(None),
            )
        ).first()
        if row is None:
            abort(401)
        return row[0]  # type: ignore[no-any-return]

    def stored(values: dict[str, Any]) -> dict[str, Any]:
        """Values as columns."""
        for name in MONEY:
            if values.get(name) is not None:
                values[f"{name}__currency"], values[f"{name}__base"] = "USD", values[name]
        if "label" in values or "short_label" in values:
            words = f"{values.get('label', '')} {values.get('short_label', '')}"
            values["_search"] = sa.func.to_tsvector(SIMPLE, sa.cast(words, sa.Text()), type_=TSVECTOR())
        return values

    @app.errorhandler(ValidationError)
    def invalid(error: ValidationError) -> Response:
        return answer({"errors": error.messages}, 422)

    @app.errorhandler(HTTPException)
    def failed(error: HTTPException) -> Response:
        return answer({"title": error.name}, error.code or 500)

    @app.post("/account_record")
    def create() -> Response:
        values: dict[str, Any] = SCHEMA.load(request.get_json())
        if values.get("status") == "paused" and not values.get("note"):
            raise ValidationError("Say in the note why the record is paused", "note")
        given = dict(values)
        with engine.begin() as connection:
            user = authenticate(connection)
            now = datetime.now(UTC)
            system = {
                "id": uuid.uuid4(), "version": 1, "created_at": now, "updated_at": now, "created_by": user,
                "updated_by": user, "owner_id": user, "kind": "company", "status": "new", "vip": False,
            }  # fmt: skip
            connection.execute(sa.insert(records).values(system | stored(values)))
        return answer(system | given, 201)

    @app.patch("/account_record/<uuid:record_id>")
    def update(record_id: uuid.UUID) -> Response:
        values: dict[str, Any] = SCHEMA.load(request.get_json(), partial=True)
        with engine.begin() as connection:
            user = authenticate(connection)
            row = connection.execute(
                sa.update(records)
                .where(records.c.id == record_id, records.c.deleted_at.is_(None))
                .values(
                    version=records.c.version + 1, updated_at=datetime.now(UTC), updated_by=user, **stored(values)
                )
                .returning(*shown, headroom)
            ).first()  # fmt: skip
        if row is None:
            abort(404)
        return answer(dict(row._mapping))

    @app.get("/account_record/<uuid:record_id>")
    def read(record_id: uuid.UUID) -> Response:
        with reading.connect() as connection:
            authenticate(connection)
            row = connection.execute(
                sa.select(*shown, headroom).where(records.c.id == record_id, records.c.deleted_at.is_(None))
            ).first()
        if row is None:
            abort(404)
        return answer(dict(row._mapping))

    @app.get("/account_record")
    def page() -> Response:
        with reading.connect() as connection:
            authenticate(connection)
            rows = connection.execute(
                sa.select(*shown, headroom)
                .where(
                    records.c.deleted_at.is_(None),
                    records.c.status == request.args["status"],
                    records.c.ceiling > Decimal(request.args["above"]),
                )
                .order_by(records.c[request.args["sort"]].desc().nulls_last(), records.c.id)
                .limit(51)
            ).all()
        return answer({"data": [dict(row._mapping) for row in rows[:50]], "more": len(rows) > 50})

    @app.post("/account_record/aggregate")
    def aggregate() -> Response:
        with reading.connect() as connection:
            authenticate(connection)
            rows = connection.execute(
                sa.text(
                    "SELECT grade, extract(year FROM founded)::int AS founded_year, count(*) AS count, "
                    "sum(ceiling) AS total FROM bench_reference.account_record "
                    "WHERE deleted_at IS NULL AND status = 'active' GROUP BY 1, 2 ORDER BY 1, 2"
                )
            ).all()
        return answer({"data": [dict(row._mapping) for row in rows]})

    return app


def answer(value: Any, status: int = 200) -> Response:
    return Response(json.dumps(value, default=_text), status, mimetype="application/json")


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, (date, datetime)) else str(value)
