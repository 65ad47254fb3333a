"""How text is folded, cut into search terms and ordered for people. Pure functions of text: no SQL, no
tenant.

Every record write calls `tokens` and `sort_keys`, so ASCII text takes a short way through both (a few
microseconds) and the tables for Han and Japanese are loaded only when the first such text comes.

Public names: `fold` and `plain` (what counts as the same text), `tokens` and `tsquery` (full-text
search), `sort_keys` and `sort_index` (order).
"""

from fieldstone.engine.search.folding import fold, folded_characters, plain
from fieldstone.engine.search.ordering import sort_index, sort_keys
from fieldstone.engine.search.queries import tsquery, word_patterns
from fieldstone.engine.search.terms import tokens

__all__ = [
    "fold",
    "folded_characters",
    "plain",
    "sort_index",
    "sort_keys",
    "tokens",
    "tsquery",
    "word_patterns",
]
