"""A signature, drawn on the screen and stored as a picture."""

from collections.abc import Mapping
from typing import ClassVar

from fieldstone.metadata.fields.base import JsonSchema
from fieldstone.metadata.fields.file import File
from fieldstone.metadata.fields.image import Image


class Signature(Image):
    id = "signature"
    title = "Signature"
    description = (
        "A signature: drawn with pen, finger or mouse, typed as a name, or uploaded as a picture; stored as a "
        "picture of at most 2 MB unless `maxSize` says otherwise. Written and answered as a file is."
    )
    vocabulary: ClassVar[Mapping[str, JsonSchema]] = {"maxSize": File.vocabulary["maxSize"]}
    largest = 2_000_000
