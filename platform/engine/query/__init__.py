"""Reading records: lists, aggregates and search, behind the one gate.

Whatever an actor names (filter, sort, group, expanded link, search) passes `gate.py`: a field or record that the
actor may not read does not exist there.
"""
