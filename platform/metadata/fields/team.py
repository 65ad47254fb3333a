"""A team of the company."""

from fieldstone.metadata.fields.link import ON_DELETE, Link


class Team(Link):
    id = "team"
    title = "Team"
    description = "A team of the company (any organisational unit), by id."
    vocabulary = {"onDelete": ON_DELETE}
    target = "team"
