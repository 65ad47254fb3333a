"""Trees: a table whose rows open to show the records below them, fetched when they are opened.

While the visitor filters or searches, a tree is a plain table of what was found, wherever it stands.
"""
