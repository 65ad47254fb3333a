"""The verbs on records: the one path by which anything is written.

Each verb is one function: permission, validation, change, history, in that order, in one transaction. API,
screens, import, jobs and workflows call these and nothing else. May import storage, columns, query, permissions,
search; never publish, identity or what lies above the engine.

Public names: `create`, `update`, `delete`, `restore`, `read`, `batch`, `history`.
"""

from fieldstone.engine.records.batch import Operation, Outcome, batch
from fieldstone.engine.records.create import create
from fieldstone.engine.records.delete import delete
from fieldstone.engine.records.history import history
from fieldstone.engine.records.read import read
from fieldstone.engine.records.restore import restore
from fieldstone.engine.records.update import update

__all__ = ["Operation", "Outcome", "batch", "create", "delete", "history", "read", "restore", "update"]
