"""Approvals on screen: the inbox, a task with what one must know to decide, the trail on the record, the way ahead."""
