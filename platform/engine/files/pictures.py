"""Pictures among stored files: told by their content, never by what the sender says, and made small once.

A picture that could be read has a second file row, its thumbnail, whose id follows from the picture's: that row is
the proof that the content is a picture. The thumbnail is drawn anew, so nothing of the sender's bytes is in it.
"""

from dataclasses import dataclass
from io import BytesIO
from typing import Final
from uuid import UUID, uuid5

from PIL import Image, ImageOps

THUMBNAIL_TYPE: Final = "image/webp"
SIDE: Final = 480
"""The longer side of a thumbnail at most, in pixels: sharp on a record's page, small enough for a list."""

MOST_PIXELS: Final = 50_000_000
"""Larger pictures are kept as files, but not drawn: a small file may unpack to gigabytes."""

_FORMATS: Final = {"PNG": "image/png", "JPEG": "image/jpeg", "GIF": "image/gif", "WEBP": "image/webp"}
_OF: Final = UUID("5f1f6c1e-6f0e-4b52-9f0b-2d8f6f3f6a10")


@dataclass(frozen=True, slots=True)
class Picture:
    """What a picture's content says: its media type, its size in pixels, and its thumbnail's bytes."""

    type: str
    width: int
    height: int
    thumbnail: bytes


def thumbnail_id(file_id: UUID) -> UUID:
    """The id of the file row that holds a picture's thumbnail."""
    return uuid5(_OF, file_id.hex)


def picture_of(content: bytes) -> Picture | None:
    """What a content is as a picture; None when it is none that can be drawn."""
    if not content.startswith((b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF")):
        return None
    try:
        with Image.open(BytesIO(content), formats=list(_FORMATS)) as image:
            width, height = image.size
            kind = _FORMATS.get(image.format or "")
            if kind is None or width * height > MOST_PIXELS:
                return None
            image.draft("RGB", (SIDE * 2, SIDE * 2))
            return Picture(kind, width, height, _small(image))
    except (OSError, ValueError, SyntaxError, MemoryError, Image.DecompressionBombError):
        return None


def _small(image: Image.Image) -> bytes:
    upright = ImageOps.exif_transpose(image) or image
    drawn = upright.convert("RGBA" if "A" in upright.getbands() or "transparency" in upright.info else "RGB")
    drawn.thumbnail((SIDE, SIDE))
    target = BytesIO()
    drawn.save(target, "WEBP", quality=82, method=3)
    return target.getvalue()
