"""The engine: records, the queries that read them, who may do so, and how definitions become live.

Everything that touches the database is in here. `service.Engine` runs units of work; `records` holds the verbs, `query`
the one gate in front of every read, `publish` the way from documents to a revision. May import metadata, expressions
and problems; never what serves requests (api, ui), runs workflows or installs packages.
"""
