"""The record above this one in a tree of the same entity."""

from fieldstone.metadata.fields.base import Source
from fieldstone.metadata.fields.link import ON_DELETE, Link


class Parent(Link):
    id = "parent"
    title = "Parent"
    description = "The record of the same entity that stands above this one, which makes a tree."
    vocabulary = {"onDelete": ON_DELETE}

    def target_of(self, source: Source) -> str | None:
        return source.entity
