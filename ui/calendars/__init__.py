"""Calendars: records by the day on which they begin, as a month, a week or an agenda.

Days are those of the visitor's time zone. On a phone every calendar is an agenda: the days that have something, one
below the other.
"""
