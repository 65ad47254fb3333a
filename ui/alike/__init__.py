"""Screens about records that are likely one, and about one that becomes several.

`look` and `found` tell while a form is filled in, `report` lists groups, `merge` puts records together and takes that back,
`convert` makes others of a record. All of it is the engine's; here it is only shown and asked.
"""
