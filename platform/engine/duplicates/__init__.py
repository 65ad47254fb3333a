"""Records that are likely the same thing: match keys, looking for them while somebody writes, and the batch report.

Rules are data of the entity (`duplicates`); the verbs of records store the keys and ask `refuse_duplicates`. May import
metadata, storage, query, permissions, search; never records, which import this.

Public names: `match_keys` (what a record is stored with), `find`, `find_many`, `entered` (what is told to somebody who
writes), `refuse_duplicates`, `blocked` for many rows, `ask_about_duplicates` (for verbs and their callers), `duplicate_groups` (the report).
"""

from fieldstone.engine.duplicates.errors import Duplicate, LikelyDuplicate
from fieldstone.engine.duplicates.keys import match_keys, touched
from fieldstone.engine.duplicates.lookup import Found, Match, entered, find, find_many
from fieldstone.engine.duplicates.refusal import ask_about_duplicates, blocked, refuse_duplicates
from fieldstone.engine.duplicates.report import Group, Report, duplicate_groups

__all__ = [
    "Duplicate", "Found", "Group", "LikelyDuplicate", "Match", "Report", "ask_about_duplicates", "blocked",
    "duplicate_groups", "entered", "find", "find_many", "match_keys", "refuse_duplicates", "touched",
]  # fmt: skip
