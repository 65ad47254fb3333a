"""The tables that are not generated from metadata: the control schema, and the `_` tables of each tenant.

The control schema `fieldstone` holds the tenants and what must be read before a tenant's role can be taken
(keys, sessions) or by workers for all tenants (jobs). A tenant's role sees none of it except its own job rows,
which it may insert. The tenant's own `_` tables hold its revisions, history and counters.
"""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA, JSONB

from fieldstone.engine.columns.kinds import TEXT
from fieldstone.engine.storage.names import SCHEMA_MARK

CONTROL = "fieldstone"
STAMP = sa.DateTime(timezone=True)

control = sa.MetaData(schema=CONTROL)

tenant = sa.Table(
    "tenant", control,
    sa.Column("name", TEXT, primary_key=True),
    sa.Column("schema", TEXT, nullable=False, unique=True),
    sa.Column("role", TEXT, nullable=False, unique=True),
    sa.Column("state", TEXT, nullable=False),  # creating | active | deleting
    sa.Column("host", TEXT, unique=True),
    sa.Column("database_url", TEXT),
    sa.Column("created_at", STAMP, nullable=False, server_default=sa.func.now()),
    sa.UniqueConstraint("name", "role", name="uq_tenant_role"),
)  # fmt: skip

api_key = sa.Table(
    "api_key", control,
    sa.Column("id", sa.Uuid(), primary_key=True),
    sa.Column("tenant", TEXT, sa.ForeignKey(tenant.c.name, ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("user_id", sa.Uuid(), nullable=False),
    sa.Column("name", TEXT, nullable=False),
    sa.Column("hash", BYTEA, nullable=False, unique=True),
    sa.Column("hint", TEXT, nullable=False),
    sa.Column("created_at", STAMP, nullable=False, server_default=sa.func.now()),
    sa.Column("last_used_at", STAMP),
    sa.Column("expires_at", STAMP),
    sa.Column("revoked_at", STAMP),
)  # fmt: skip

credential = sa.Table(
    "credential", control,
    sa.Column("tenant", TEXT, sa.ForeignKey(tenant.c.name, ondelete="CASCADE"), primary_key=True),
    sa.Column("user_id", sa.Uuid(), primary_key=True),
    sa.Column("password_hash", TEXT),
    sa.Column("must_change", sa.Boolean(), nullable=False, server_default=sa.false()),
    sa.Column("changed_at", STAMP, nullable=False, server_default=sa.func.now()),
)  # fmt: skip

session = sa.Table(
    "session", control,
    sa.Column("id", sa.Uuid(), primary_key=True),
    sa.Column("tenant", TEXT, sa.ForeignKey(tenant.c.name, ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("user_id", sa.Uuid(), nullable=False),
    sa.Column("hash", BYTEA, nullable=False, unique=True),
    sa.Column("csrf", TEXT, nullable=False),
    sa.Column("agent", TEXT, nullable=False, server_default=""),
    sa.Column("address", TEXT, nullable=False, server_default=""),
    sa.Column("created_at", STAMP, nullable=False, server_default=sa.func.now()),
    sa.Column("seen_at", STAMP, nullable=False, server_default=sa.func.now()),
    sa.Column("expires_at", STAMP, nullable=False),
)  # fmt: skip

token = sa.Table(
    "token", control,
    sa.Column("hash", BYTEA, primary_key=True),
    sa.Column("tenant", TEXT, sa.ForeignKey(tenant.c.name, ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("user_id", sa.Uuid(), nullable=False),
    sa.Column("purpose", TEXT, nullable=False),  # invite | reset
    sa.Column("created_at", STAMP, nullable=False, server_default=sa.func.now()),
    sa.Column("expires_at", STAMP, nullable=False),
    sa.Column("used_at", STAMP),
)  # fmt: skip

attempt = sa.Table(
    "attempt", control,
    sa.Column("key", TEXT, primary_key=True),
    sa.Column("count", sa.Integer(), nullable=False),
    sa.Column("since", STAMP, nullable=False),
)  # fmt: skip

mail = sa.Table(
    "mail", control,
    sa.Column("tenant", TEXT, sa.ForeignKey(tenant.c.name, ondelete="CASCADE"), primary_key=True),
    sa.Column("host", TEXT, nullable=False),
    sa.Column("port", sa.Integer(), nullable=False),
    sa.Column("security", TEXT, nullable=False),  # starttls | tls | none
    sa.Column("username", TEXT, nullable=False),
    sa.Column("password", TEXT, nullable=False),
    sa.Column("sender", TEXT, nullable=False),
    sa.Column("sender_name", TEXT, nullable=False),
    sa.Column("site", TEXT, nullable=False),
)  # fmt: skip

job = sa.Table(
    "job", control,
    sa.Column("id", sa.Uuid(), primary_key=True),
    sa.Column("tenant", TEXT, nullable=False, index=True),
    sa.Column("tenant_role", TEXT, nullable=False, server_default=sa.text("current_user")),
    sa.Column("kind", TEXT, nullable=False),
    sa.Column("payload", JSONB(), nullable=False),
    sa.Column("state", TEXT, nullable=False, server_default="due"),  # due | running | done | dead | stopped
    sa.Column("due_at", STAMP, nullable=False, server_default=sa.func.now()),
    sa.Column("lease_until", STAMP),
    sa.Column("fence", sa.BigInteger(), nullable=False, server_default="0"),
    sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
    sa.Column("idempotency_key", TEXT),
    sa.Column("requested_by", sa.Uuid()),
    sa.Column("progress", JSONB()),
    sa.Column("error", TEXT),
    sa.Column("created_at", STAMP, nullable=False, server_default=sa.func.now()),
    sa.Column("finished_at", STAMP),
    # With the policy `tenant_role = current_user`: a tenant's role cannot write a job in another tenant's name.
    sa.ForeignKeyConstraint(["tenant", "tenant_role"], [tenant.c.name, tenant.c.role], ondelete="CASCADE"),
    sa.UniqueConstraint("tenant", "kind", "idempotency_key", name="uq_job_idempotency"),
    sa.Index("ix_job_due", "due_at", postgresql_where=sa.text("state IN ('due', 'running')")),
)  # fmt: skip

refused_entry = sa.Table(
    "refused_entry", control,
    sa.Column("id", sa.Uuid(), primary_key=True),
    sa.Column("at", STAMP, nullable=False, server_default=sa.func.now()),
    sa.Column("entry", TEXT, nullable=False),
    sa.Column("problem", TEXT, nullable=False),
    sa.Column("tenant", TEXT, sa.ForeignKey(tenant.c.name, ondelete="CASCADE")),  # where the entry names a job
)  # fmt: skip

local = sa.MetaData(schema=SCHEMA_MARK)

state = sa.Table(
    "_state", local,
    sa.Column("number", sa.Integer(), nullable=False),
    sa.Column("company", JSONB(), nullable=False),
)  # fmt: skip

revision = sa.Table(
    "_revision", local,
    sa.Column("number", sa.Integer(), primary_key=True),
    sa.Column("at", STAMP, nullable=False, server_default=sa.func.now()),
    sa.Column("actor", sa.Uuid()),
    sa.Column("kind", TEXT, nullable=False),  # install | publish | rollback | upgrade
    sa.Column("packages", JSONB(), nullable=False),  # [sha] in dependency order
    sa.Column("tenant", JSONB(), nullable=False),  # {"folder/name": patch}
    sa.Column("changes", JSONB(), nullable=False),
    sa.Column("note", TEXT, nullable=False, server_default=""),
)  # fmt: skip

package = sa.Table(
    "_package", local,
    sa.Column("sha", TEXT, primary_key=True),
    sa.Column("name", TEXT, nullable=False),
    sa.Column("version", TEXT, nullable=False),
    sa.Column("content", JSONB(), nullable=False),
    sa.Column("installed_at", STAMP, nullable=False, server_default=sa.func.now()),
)  # fmt: skip

draft = sa.Table(
    "_draft", local,
    sa.Column("folder", TEXT, primary_key=True),
    sa.Column("name", TEXT, primary_key=True),
    sa.Column("patch", JSONB()),
    sa.Column("deleted", sa.Boolean(), nullable=False, server_default=sa.false()),
    sa.Column("version", sa.Integer(), nullable=False),
    sa.Column("updated_at", STAMP, nullable=False, server_default=sa.func.now()),
    sa.Column("updated_by", sa.Uuid()),
)  # fmt: skip

history = sa.Table(
    "_history", local,
    sa.Column("id", sa.Uuid(), primary_key=True),
    sa.Column("entity", TEXT, nullable=False),
    sa.Column("record_id", sa.Uuid(), nullable=False),
    sa.Column("at", STAMP, nullable=False),
    sa.Column("actor", sa.Uuid()),
    sa.Column("on_behalf_of", sa.Uuid()),
    sa.Column("verb", TEXT, nullable=False),
    sa.Column("revision", sa.Integer(), nullable=False),
    sa.Column("version", sa.Integer(), nullable=False),
    sa.Column("request_id", TEXT, nullable=False),
    sa.Column("changes", JSONB(), nullable=False),
    sa.Index("ix_history_record", "record_id", "id"),
)  # fmt: skip

audit = sa.Table(
    "_audit", local,
    sa.Column("id", sa.Uuid(), primary_key=True),
    sa.Column("at", STAMP, nullable=False, server_default=sa.func.now()),
    sa.Column("actor", sa.Uuid()),
    sa.Column("event", TEXT, nullable=False),
    sa.Column("subject", TEXT, nullable=False, server_default=""),
    sa.Column("address", TEXT, nullable=False, server_default=""),
    sa.Column("request_id", TEXT, nullable=False, server_default=""),
    sa.Column("data", JSONB(), nullable=False, server_default="{}"),
)  # fmt: skip

idempotency = sa.Table(
    "_idempotency", local,
    sa.Column("actor", sa.Uuid(), primary_key=True),
    sa.Column("key", TEXT, primary_key=True),
    sa.Column("body_hash", BYTEA, nullable=False),
    sa.Column("answer", JSONB()),
    sa.Column("at", STAMP, nullable=False, server_default=sa.func.now()),
)  # fmt: skip

counter = sa.Table(
    "_counter", local,
    sa.Column("name", TEXT, primary_key=True),
    sa.Column("value", sa.BigInteger(), nullable=False),
)  # fmt: skip

recycled = sa.Table(
    "_recycled", local,
    sa.Column("revision", sa.Integer(), primary_key=True),
    sa.Column("entity", TEXT, primary_key=True),
    sa.Column("field", TEXT, primary_key=True),  # "" for a whole entity
    sa.Column("renamed", JSONB(), nullable=False),  # {column or table name: name in the recycle area}
    sa.Column("signature", TEXT, nullable=False),
    sa.Column("at", STAMP, nullable=False, server_default=sa.func.now()),
)  # fmt: skip

build = sa.Table(
    "_build", local,
    sa.Column("id", sa.Uuid(), primary_key=True),
    sa.Column("revision", sa.Integer(), nullable=False),
    sa.Column("entity", TEXT, nullable=False),
    sa.Column("field", TEXT, nullable=False),
    sa.Column("kind", TEXT, nullable=False),  # values | search | match | index
    sa.Column("position", sa.Uuid()),
    sa.Column("done", sa.BigInteger(), nullable=False, server_default="0"),
    sa.Column("state", TEXT, nullable=False, server_default="building"),  # building | done | failed
    sa.Column("error", TEXT),
)  # fmt: skip

file = sa.Table(
    "_file", local,
    sa.Column("id", sa.Uuid(), primary_key=True),
    sa.Column("name", TEXT, nullable=False),
    sa.Column("type", TEXT, nullable=False),
    sa.Column("size", sa.BigInteger(), nullable=False),
    sa.Column("sha256", BYTEA, nullable=False),
    sa.Column("content", BYTEA, nullable=False),
    sa.Column("created_at", STAMP, nullable=False, server_default=sa.func.now()),
    sa.Column("created_by", sa.Uuid()),
    sa.Column("entity", TEXT),
    sa.Column("record_id", sa.Uuid()),
)  # fmt: skip

import_run = sa.Table(
    "_import", local,
    sa.Column("id", sa.Uuid(), primary_key=True),
    sa.Column("entity", TEXT, nullable=False),
    sa.Column("state", TEXT, nullable=False),  # draft | waiting | running | done | failed | stopped | reverted
    sa.Column("options", JSONB(), nullable=False),
    sa.Column("source", sa.Uuid()),
    sa.Column("rows", sa.Integer(), nullable=False, server_default="0"),
    sa.Column("position", sa.Integer(), nullable=False, server_default="0"),
    sa.Column("created", sa.Integer(), nullable=False, server_default="0"),
    sa.Column("updated", sa.Integer(), nullable=False, server_default="0"),
    sa.Column("failed", sa.Integer(), nullable=False, server_default="0"),
    sa.Column("errors", JSONB(), nullable=False, server_default="[]"),
    sa.Column("created_at", STAMP, nullable=False, server_default=sa.func.now()),
    sa.Column("created_by", sa.Uuid()),
    sa.Column("finished_at", STAMP),
)  # fmt: skip

import_mapping = sa.Table(
    "_import_mapping", local,
    sa.Column("entity", TEXT, primary_key=True),
    sa.Column("name", TEXT, primary_key=True),
    sa.Column("options", JSONB(), nullable=False),  # decisions of an import, see engine.imports.saved
    sa.Column("saved_at", STAMP, nullable=False, server_default=sa.func.now()),
    sa.Column("saved_by", sa.Uuid()),
)  # fmt: skip

bulk_run = sa.Table(
    "_bulk", local,
    sa.Column("id", sa.Uuid(), primary_key=True),
    sa.Column("entity", TEXT, nullable=False),
    sa.Column("op", TEXT, nullable=False),  # update | delete
    sa.Column("patch", JSONB(), nullable=False),
    sa.Column("ids", ARRAY(sa.Uuid()), nullable=False),
    sa.Column("state", TEXT, nullable=False),  # waiting | running | done | stopped | reverting | reverted
    sa.Column("position", sa.Integer(), nullable=False, server_default="0"),
    sa.Column("done", sa.Integer(), nullable=False, server_default="0"),
    sa.Column("failed", sa.Integer(), nullable=False, server_default="0"),
    sa.Column("report", JSONB(), nullable=False, server_default="{}"),
    sa.Column("created_at", STAMP, nullable=False, server_default=sa.func.now()),
    sa.Column("created_by", sa.Uuid()),
    sa.Column("finished_at", STAMP),
)  # fmt: skip

schedule = sa.Table(
    "_schedule", local,
    sa.Column("id", sa.Uuid(), primary_key=True),
    sa.Column("source", TEXT, nullable=False),  # who defines it: automation/<name>
    sa.Column("name", TEXT, nullable=False),
    sa.Column("kind", TEXT, nullable=False),
    sa.Column("cron", TEXT, nullable=False),
    sa.Column("payload", JSONB(), nullable=False),
    sa.Column("zone", TEXT),
    sa.Column("days", TEXT, nullable=False),  # all | working | next_working
    sa.Column("calendar", TEXT),
    sa.Column("catch_up", sa.Boolean(), nullable=False),
    sa.Column("enabled", sa.Boolean(), nullable=False),
    sa.Column("generation", sa.Integer(), nullable=False),
    sa.Column("seen", STAMP, nullable=False),  # what was due until then has been dealt with
    sa.Column("next_at", STAMP),
    sa.Column("last_at", STAMP),
    sa.UniqueConstraint("source", "name", name="uq_schedule_name"),
)  # fmt: skip

seeded = sa.Table(
    "_seeded", local,
    sa.Column("package", TEXT, primary_key=True),
    sa.Column("folder", TEXT, primary_key=True),  # data | demo | flows (of demo, played)
    sa.Column("entity", TEXT, primary_key=True),
    sa.Column("name", TEXT, primary_key=True),
    sa.Column("record_id", sa.Uuid(), nullable=False),
)  # fmt: skip

preference = sa.Table(
    "_preference", local,
    sa.Column("user_id", sa.Uuid(), primary_key=True),
    sa.Column("key", TEXT, primary_key=True),
    sa.Column("value", JSONB(), nullable=False),
)  # fmt: skip

conversion = sa.Table(
    "_conversion", local,
    sa.Column("id", sa.Uuid(), primary_key=True),
    sa.Column("entity", TEXT, nullable=False),
    sa.Column("record_id", sa.Uuid(), nullable=False),
    sa.Column("name", TEXT, nullable=False),
    sa.Column("at", STAMP, nullable=False),
    sa.Column("actor", sa.Uuid()),
    sa.Column("made", JSONB(), nullable=False),  # [{"name", "entity", "id"}]
    sa.Index("ix_conversion_record", "record_id", "name"),
)  # fmt: skip

merge = sa.Table(
    "_merge", local,
    sa.Column("id", sa.Uuid(), primary_key=True),
    sa.Column("entity", TEXT, nullable=False),
    sa.Column("winner", sa.Uuid(), nullable=False),
    sa.Column("losers", ARRAY(sa.Uuid()), nullable=False),
    sa.Column("at", STAMP, nullable=False),
    sa.Column("actor", sa.Uuid()),
    sa.Column("done", JSONB(), nullable=False),  # what was moved and changed, see engine.records.merging
    sa.Column("undone_at", STAMP),
    sa.Index("ix_merge_winner", "winner"),
)  # fmt: skip

approval_run = sa.Table(
    "_approval_run", local,
    sa.Column("id", sa.Uuid(), primary_key=True),
    sa.Column("workflow", TEXT, nullable=False),
    sa.Column("revision", sa.Integer(), nullable=False),
    sa.Column("entity", TEXT, nullable=False),
    sa.Column("record", sa.Uuid(), nullable=False),
    sa.Column("submitter", sa.Uuid(), nullable=False),
    sa.Column("submitted_at", STAMP, nullable=False),
    sa.Column("state", TEXT, nullable=False),  # workflows.approvals.core.state.RunState
    sa.Column("round", sa.Integer(), nullable=False),
    sa.Column("record_version", sa.Integer(), nullable=False),
    sa.Column("returned_to", TEXT),
    sa.Column("keep", ARRAY(TEXT), nullable=False, server_default="{}"),
    sa.Column("parent_run", sa.Uuid()),
    sa.Column("parent_step", sa.Uuid()),
    sa.Column("depth", sa.Integer(), nullable=False, server_default="0"),
    sa.Column("ended_at", STAMP),
    sa.Column("version", sa.Integer(), nullable=False),
    sa.Column("commands", ARRAY(sa.Uuid()), nullable=False, server_default="{}"),
    sa.Column("field", TEXT),  # the approval-bound field whose change this is
    sa.Column("seen", JSONB(), nullable=False, server_default="[]"),  # the record at each submission and change
    sa.Index("ix_approval_run_record", "record", "id"),
    sa.Index("ix_approval_run_submitter", "submitter", "id"),
    sa.Index("ix_approval_run_stuck", "state", postgresql_where=sa.text("state = 'stuck'")),
    sa.Index(
        "uq_approval_run_going", "workflow", "record", unique=True,
        postgresql_where=sa.text("state IN ('running', 'returned', 'stuck') AND parent_run IS NULL"),
    ),
)  # fmt: skip

approval_step = sa.Table(
    "_approval_step", local,
    sa.Column("id", sa.Uuid(), primary_key=True),
    sa.Column("run", sa.Uuid(), nullable=False, index=True),
    sa.Column("position", sa.Integer(), nullable=False),
    sa.Column("name", TEXT, nullable=False),
    sa.Column("state", TEXT, nullable=False),  # workflows.approvals.core.state.StepState
    sa.Column("round", sa.Integer(), nullable=False),
    sa.Column("parent", sa.Uuid()),
    sa.Column("way", TEXT),
    sa.Column("ways", ARRAY(TEXT), nullable=False, server_default="{}"),
    sa.Column("opened_at", STAMP),
    sa.Column("closed_at", STAMP),
    sa.Column("approvals", sa.Integer(), nullable=False),
    sa.Column("rejections", sa.Integer(), nullable=False),
    sa.Column("needed", sa.Integer()),
    sa.Column("child", sa.Uuid()),
    sa.Column("incident", TEXT),
    sa.Column("version", sa.Integer(), nullable=False),
)  # fmt: skip

approval_task = sa.Table(
    "_approval_task", local,
    sa.Column("id", sa.Uuid(), primary_key=True),
    sa.Column("run", sa.Uuid(), nullable=False, index=True),
    sa.Column("position", sa.Integer(), nullable=False),
    sa.Column("step", sa.Uuid(), nullable=False),
    sa.Column("assignee", sa.Uuid(), nullable=False),
    sa.Column("holder", sa.Uuid(), nullable=False),
    sa.Column("state", TEXT, nullable=False),  # workflows.approvals.core.state.TaskState
    sa.Column("order", sa.Integer(), nullable=False),
    sa.Column("origin", TEXT, nullable=False),
    sa.Column("why", JSONB(), nullable=False),
    sa.Column("added", TEXT),
    sa.Column("added_to", sa.Uuid()),
    sa.Column("opened_at", STAMP),
    sa.Column("due_at", STAMP),
    sa.Column("decided_at", STAMP),
    sa.Column("decided_by", sa.Uuid()),
    sa.Column("comment", TEXT, nullable=False),
    sa.Column("signature", sa.Uuid()),
    sa.Column("version", sa.Integer(), nullable=False),
    sa.Index("ix_approval_task_open", "holder", "id", postgresql_where=sa.text("state = 'open'")),
    sa.Index("ix_approval_task_decided", "decided_by", "id"),
)  # fmt: skip

approval_cc = sa.Table(
    "_approval_cc", local,
    sa.Column("run", sa.Uuid(), primary_key=True),
    sa.Column("position", sa.Integer(), primary_key=True),
    sa.Column("user_id", sa.Uuid(), nullable=False, index=True),
    sa.Column("step", sa.Uuid()),
    sa.Column("at", STAMP, nullable=False),
)  # fmt: skip

approval_event = sa.Table(
    "_approval_event", local,
    sa.Column("run", sa.Uuid(), primary_key=True),
    sa.Column("number", sa.Integer(), primary_key=True),
    sa.Column("kind", TEXT, nullable=False),
    sa.Column("at", STAMP, nullable=False),
    sa.Column("actor", sa.Uuid()),
    sa.Column("data", JSONB(), nullable=False),
    sa.Column("comment", TEXT, nullable=False),
    sa.Column("intervention", sa.Boolean(), nullable=False),
    sa.Column("request_id", TEXT, nullable=False),
)  # fmt: skip

approval_link = sa.Table(
    "_approval_link", local,
    sa.Column("hash", BYTEA, primary_key=True),
    sa.Column("task", sa.Uuid(), nullable=False, index=True),
    sa.Column("user_id", sa.Uuid(), nullable=False),
    sa.Column("created_at", STAMP, nullable=False),
    sa.Column("expires_at", STAMP, nullable=False),
    sa.Column("used_at", STAMP),
)  # fmt: skip

pending_value = sa.Table(
    "_pending_value", local,
    sa.Column("id", sa.Uuid(), primary_key=True),
    sa.Column("entity", TEXT, nullable=False),
    sa.Column("record", sa.Uuid(), nullable=False),
    sa.Column("field", TEXT, nullable=False),
    sa.Column("old", JSONB(), nullable=False),  # {"<name>": wire value}: the field with its companions
    sa.Column("value", JSONB(), nullable=False),
    sa.Column("requested_by", sa.Uuid()),
    sa.Column("requested_at", STAMP, nullable=False),
    sa.Column("run", sa.Uuid()),
    sa.Column("state", TEXT, nullable=False),  # pending | approved | rejected | withdrawn | ended
    sa.Column("decided_at", STAMP),
    sa.Index("ix_pending_value_run", "run"),
    sa.Index(
        "uq_pending_value", "record", "field", unique=True, postgresql_where=sa.text("state = 'pending'")
    ),
)  # fmt: skip

notification = sa.Table(
    "_notification", local,
    sa.Column("id", sa.Uuid(), primary_key=True),
    sa.Column("notice", sa.Uuid(), nullable=False, index=True),  # the same for all who are told of one thing
    sa.Column("receiver", sa.Uuid(), nullable=False),
    sa.Column("kind", TEXT, nullable=False),
    sa.Column("template", TEXT, nullable=False),
    sa.Column("data", JSONB(), nullable=False),
    sa.Column("entity", TEXT),
    sa.Column("record_id", sa.Uuid()),
    sa.Column("link", TEXT),
    sa.Column("key", TEXT),
    sa.Column("actor", sa.Uuid()),
    sa.Column("created_at", STAMP, nullable=False),
    sa.Column("title", TEXT),  # as the receiver was told, once it was delivered
    sa.Column("body", TEXT),
    sa.Column("shown", sa.Boolean(), nullable=False, server_default=sa.true()),  # false: not wanted in the app
    sa.Column("read_at", STAMP),
    sa.Column("mail", TEXT),  # null: no mail | waiting | digest | sent | failed
    sa.Column("mailed_at", STAMP),
    sa.UniqueConstraint("receiver", "key", name="uq_notification_key"),
    sa.Index("ix_notification_receiver", "receiver", "id"),
    sa.Index(
        "ix_notification_unread", "receiver", postgresql_where=sa.text("read_at IS NULL AND shown")
    ),
    sa.Index("ix_notification_digest", "receiver", postgresql_where=sa.text("mail = 'digest'")),
)  # fmt: skip

chat_channel = sa.Table(
    "_chat_channel", local,
    sa.Column("id", sa.Uuid(), primary_key=True),
    sa.Column("name", TEXT, nullable=False),
    sa.Column("format", TEXT, nullable=False),  # the message template that makes the body: chat_slack ...
    sa.Column("url", TEXT, nullable=False),  # sealed: whoever knows it may post
    sa.Column("secret", TEXT),  # sealed
    sa.Column("details", sa.Boolean(), nullable=False),
    sa.Column("active", sa.Boolean(), nullable=False),
    sa.Column("created_at", STAMP, nullable=False),
    sa.Column("created_by", sa.Uuid()),
)  # fmt: skip

webhook = sa.Table(
    "_webhook", local,
    sa.Column("id", sa.Uuid(), primary_key=True),
    sa.Column("name", TEXT, nullable=False),
    sa.Column("entity", TEXT, nullable=False),
    sa.Column("verbs", ARRAY(TEXT), nullable=False),
    sa.Column("url", TEXT, nullable=False),
    sa.Column("secret", TEXT, nullable=False),  # sealed
    sa.Column("active", sa.Boolean(), nullable=False),
    sa.Column("run_as", sa.Uuid(), nullable=False),  # whose rights decide what is sent
    sa.Column("created_at", STAMP, nullable=False),
    sa.Column("version", sa.Integer(), nullable=False),
)  # fmt: skip

webhook_event = sa.Table(
    "_webhook_event", local,
    sa.Column("id", sa.Uuid(), primary_key=True),
    sa.Column("webhook", sa.Uuid(), nullable=False),
    sa.Column("entity", TEXT, nullable=False),
    sa.Column("record_id", sa.Uuid(), nullable=False),
    sa.Column("version", sa.Integer(), nullable=False),
    sa.Column("verb", TEXT, nullable=False),
    sa.Column("changed", ARRAY(TEXT), nullable=False),
    sa.Column("values", JSONB(), nullable=False),  # the record after the change, as the platform sees it
    sa.Column("actor", sa.Uuid()),
    sa.Column("at", STAMP, nullable=False),
    sa.Column("state", TEXT, nullable=False),  # waiting | sent | dead | skipped
    sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
    sa.Column("status", sa.Integer()),
    sa.Column("response", TEXT),
    sa.Column("claim", sa.Uuid()),  # the job that has it or had it last
    sa.Column("tried_at", STAMP),
    sa.Column("sent_at", STAMP),
    sa.Index("ix_webhook_event_log", "webhook", "id"),
    sa.Index(
        "ix_webhook_event_waiting", "webhook", "record_id", "version",
        postgresql_where=sa.text("state = 'waiting'"),
    ),
)  # fmt: skip

stage = sa.Table(
    "_stage", local,
    sa.Column("id", sa.Uuid(), primary_key=True),
    sa.Column("entity", TEXT, nullable=False),
    sa.Column("record_id", sa.Uuid(), nullable=False),
    sa.Column("field", TEXT, nullable=False),
    sa.Column("value", TEXT),
    sa.Column("entered_at", STAMP, nullable=False),
    sa.Column("entered_by", sa.Uuid()),
    sa.Column("on_behalf_of", sa.Uuid()),
    sa.Column("transition", TEXT),  # null: the record began there
    sa.Column("comment", TEXT, nullable=False, server_default=""),
    sa.Column("left_at", STAMP),
    sa.Index("ix_stage_record", "record_id", "field", "entered_at"),
    sa.Index("uq_stage_open", "record_id", "field", unique=True, postgresql_where=sa.text("left_at IS NULL")),
)  # fmt: skip

automation_run = sa.Table(
    "_automation_run", local,
    sa.Column("id", sa.Uuid(), primary_key=True),
    sa.Column("automation", TEXT, nullable=False),
    sa.Column("entity", TEXT),
    sa.Column("record_id", sa.Uuid()),
    sa.Column("trigger", TEXT, nullable=False),
    sa.Column("state", TEXT, nullable=False),  # waiting | done | stopped | failed | guarded | dropped
    sa.Column("actor", sa.Uuid()),  # on whose behalf
    sa.Column("parent", sa.Uuid()),  # the run whose action started this one
    sa.Column("depth", sa.Integer(), nullable=False, server_default="0"),
    sa.Column("revision", sa.Integer(), nullable=False),
    sa.Column("request_id", TEXT, nullable=False),
    sa.Column("started_at", STAMP, nullable=False),
    sa.Column("finished_at", STAMP),
    sa.Column("milliseconds", sa.Integer(), nullable=False, server_default="0"),
    sa.Column("steps", JSONB(), nullable=False, server_default="[]"),
    sa.Column("error", JSONB()),
    sa.Column("resume", JSONB()),  # where a waiting or failed run goes on
    sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
    sa.Index("ix_automation_run_name", "automation", "id"),
    sa.Index("ix_automation_run_record", "record_id", "id"),
)  # fmt: skip

automation_timer = sa.Table(
    "_automation_timer", local,
    sa.Column("id", sa.Uuid(), primary_key=True),
    sa.Column("automation", TEXT, nullable=False),
    sa.Column("entity", TEXT, nullable=False),
    sa.Column("record_id", sa.Uuid(), nullable=False),
    sa.Column("number", sa.Integer(), nullable=False),  # which offset; those after the last offset are repeats
    sa.Column("due_at", STAMP, nullable=False),
    sa.Column("state", TEXT, nullable=False),  # planned | done | dropped
    sa.Column("done_at", STAMP),
    sa.UniqueConstraint("automation", "record_id", "number", name="uq_automation_timer"),
    sa.Index("ix_automation_timer_record", "record_id"),
)  # fmt: skip

incoming_hook = sa.Table(
    "_incoming_hook", local,
    sa.Column("automation", TEXT, primary_key=True),
    sa.Column("secret", TEXT, nullable=False),  # sealed by the vault
    sa.Column("set_at", STAMP, nullable=False),
    sa.Column("set_by", sa.Uuid()),
)  # fmt: skip

incoming_seen = sa.Table(
    "_incoming_seen", local,
    sa.Column("automation", TEXT, primary_key=True),
    sa.Column("signature", TEXT, primary_key=True),
    sa.Column("at", STAMP, nullable=False),
    sa.Index("ix_incoming_seen_at", "at"),
)  # fmt: skip

APPEND_ONLY = ("_history", "_audit", "_approval_event")
"""Tables that a tenant's role may read and add to, never change."""

READ_ONLY = ("_state", "_revision", "_package", "_recycled")
"""Tables that only the owner writes: a publish, not a record verb."""
