"""Boards: records as cards in columns, one column for each value of the field that the view groups by.

A column holds its first cards and the way to more of them, so a board of a hundred thousand records is drawn like one of
a hundred. Moving a card is the update verb with the version that the visitor saw; a refused card goes back.
"""
