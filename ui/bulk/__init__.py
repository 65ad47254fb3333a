"""Changing many records of a list at once: the selected ones, or all that the list shows.

The engine's bulk runs do it; a run of few records is over when the dialog comes back, a longer one shows its progress there.
"""
