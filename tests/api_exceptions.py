"""What Schemathesis calls a failure and is none: one entry each, with the reason; `test_schemathesis_exceptions.py` shows each.

A right request may be refused for what no schema can say. Which refusals those are is told by their codes, so that any
other one still fails.
"""

from api_sample import Allowed


def right(name: str, reason: str, *codes: str) -> Allowed:
    return Allowed(name, "RejectedPositiveData", reason, codes)


ALLOWED: tuple[Allowed, ...] = (
    right("filter", "a filter is an expression; its grammar is no pattern", "filter", "syntax", "name.", "type.", "expression"),
    right("cursor", "cursors are opaque: only those that were answered are any", "cursor."),
    right("sort over links", "which fields a linked record has is in its own schema", "sort."),
    right("figures", "fields and functions that go together are a matter of types", "aggregate", "group", "measure", "field.unknown"),
    right("file of rows", "text that is no CSV, NDJSON or workbook with columns of the entity, parameters that are no JSON", "import.",
          "json.malformed"),
    right("stale", "a version, or a plan, that was never answered", "stale", "draft.stale", "plan.stale"),
    right("nothing to publish", "whether there are drafts is state", "plan.empty", "plan.consent", "draft.invalid"),
    right("names of documents", "a draft of a document that is nowhere", "document."),
    right("last administrator", "a rule of the product, whatever the body", "administrator.last", "grant."),
    right("server-checked", "what the schema lists in x-server-checked", "link.unknown", "unique", "rule", "scale", "range",
          "rate.missing", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "region", "option.", "tree."),
    right("records and files that are named", "an id of nothing that the caller can see", "record.unknown", "file.", "merge.", "convert.",
          "link."),
    right("conversions", "which records a conversion makes is told by its name", "conversion."),
    right("spreadsheets", "sheets and columns are named as in the file, and a plan needs a proposal that can be carried out",
          "sheet.", "column.", "spreadsheet."),
    right("bulk runs", "which records a bulk run meets is state, and what it sets is checked by entity", "bulk.",
          "field.unknown"),
    right("who is told", "which entities, chat formats, channels and addresses there are; quiet hours that do not begin when they end",
          "webhook.", "chat.", "notifications."),
    right("what a record goes through", "which transitions, buttons, approvals and tasks a record has, and what these ask for, is told by it",
          "transition.", "workflow.", "automation.", "approval.", "submit.", "task.", "run.", "step.", "move.", "state.",
          "comment.", "users.", "signature.", "leave."),
    right("a key twice", "another request under an Idempotency-Key", "idempotency.reused"),
)  # fmt: skip
