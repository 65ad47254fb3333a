"""The list screen: a view document, what the visitor made of it (columns, filter, sort, search), and its
actions.

Everything the visitor chose stands in the address, so that a list can be bookmarked and sent to a colleague;
only the choice of columns is kept in a cookie of this list.
"""
