"""The record page: one record with everything about it, and what can be done with it.

Facts, the form's sections as values, lines, records that link here, the history, and why something is hidden or locked.
"""
