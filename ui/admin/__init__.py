"""Administration: setting the company up, people, teams, roles, mail, the log, jobs, and one's own account.

Every page asks for the area of administration that it belongs to; what a visitor may not manage is not in the
navigation and answers like any other refusal. All changes are engine verbs, so nothing here decides about rights.

May import what `fieldstone.ui` may, and `fieldstone.packages` to take demo data away. Addresses stand in
`fieldstone.ui.routes`.
"""
