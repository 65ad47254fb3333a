"""A person who can sign in."""

from fieldstone.metadata.fields.link import ON_DELETE, Link


class User(Link):
    id = "user"
    title = "User"
    description = "A user of the company, by id."
    vocabulary = {"onDelete": ON_DELETE}
    target = "user"
