"""Screens of notifications: the bell, the list, one's preferences, ending mails by a link."""
