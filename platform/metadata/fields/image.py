"""A stored file that is a picture: recognised by its content, shown small in lists and large on its page."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from fieldstone.metadata.fields.base import JsonSchema, Source
from fieldstone.metadata.fields.file import File

PICTURES: Final = ("image/png", "image/jpeg", "image/gif", "image/webp")
"""The pictures that are taken: none of them can carry a script."""

LARGEST: Final = 10_000_000


class Image(File):
    id = "image"
    title = "Picture"
    description = (
        "One stored picture (PNG, JPEG, GIF or WebP, told by its content, not by its name), of at most 10 MB "
        "unless `maxSize` says otherwise. Written and answered as a file is; lists, pages and prints show it."
    )
    vocabulary: ClassVar[Mapping[str, JsonSchema]] = {
        "accept": {
            "type": "array",
            "items": {"enum": [*PICTURES, "image/*"]},
            "description": "The media types that may be stored, such as `image/png`; all pictures if left out.",
        },
        "maxSize": File.vocabulary["maxSize"],
    }
    largest: ClassVar[int] = LARGEST

    def read(self, source: Source) -> dict[str, Any]:
        found = super().read(source)
        settings = found["settings"]
        accept = settings["accept"]
        settings["accept"] = PICTURES if not accept or "image/*" in accept else accept
        settings["max_size"] = settings["max_size"] or self.largest
        return found
