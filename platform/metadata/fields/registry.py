"""All field types, by id: the one place that lists them."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from fieldstone.metadata.definitions import Field
from fieldstone.metadata.fields.address import Address
from fieldstone.metadata.fields.any_link import AnyLink
from fieldstone.metadata.fields.barcode import Barcode
from fieldstone.metadata.fields.base import FieldType
from fieldstone.metadata.fields.boolean import Boolean
from fieldstone.metadata.fields.code import Code
from fieldstone.metadata.fields.colour import Colour
from fieldstone.metadata.fields.computed import STORED_AS, Formula, Related, RollupType, SequenceType
from fieldstone.metadata.fields.date import Date
from fieldstone.metadata.fields.date_range import DateRange
from fieldstone.metadata.fields.datetime import DateTime
from fieldstone.metadata.fields.decimal import Decimal
from fieldstone.metadata.fields.dependent_select import DependentSelect
from fieldstone.metadata.fields.duration import Duration
from fieldstone.metadata.fields.email import Email
from fieldstone.metadata.fields.file import File
from fieldstone.metadata.fields.files import Files
from fieldstone.metadata.fields.geo_point import GeoPoint
from fieldstone.metadata.fields.icon import Icon
from fieldstone.metadata.fields.image import Image
from fieldstone.metadata.fields.integer import Integer
from fieldstone.metadata.fields.json import Json
from fieldstone.metadata.fields.lines import Lines
from fieldstone.metadata.fields.link import Link
from fieldstone.metadata.fields.markdown import Markdown
from fieldstone.metadata.fields.money import Money
from fieldstone.metadata.fields.multi_link import MultiLink
from fieldstone.metadata.fields.multi_select import MultiSelect
from fieldstone.metadata.fields.multiline import Multiline
from fieldstone.metadata.fields.number import Number
from fieldstone.metadata.fields.parent import Parent
from fieldstone.metadata.fields.percent import Percent
from fieldstone.metadata.fields.person_name import PersonName
from fieldstone.metadata.fields.phone import Phone
from fieldstone.metadata.fields.position import Position
from fieldstone.metadata.fields.radio import Radio
from fieldstone.metadata.fields.rating import Rating
from fieldstone.metadata.fields.region import Region
from fieldstone.metadata.fields.rich_text import RichText
from fieldstone.metadata.fields.secret import Secret
from fieldstone.metadata.fields.select import Select
from fieldstone.metadata.fields.signature import Signature
from fieldstone.metadata.fields.snapshot import Snapshot
from fieldstone.metadata.fields.tags import Tags
from fieldstone.metadata.fields.team import Team
from fieldstone.metadata.fields.text import Text
from fieldstone.metadata.fields.time import Time
from fieldstone.metadata.fields.url import Url
from fieldstone.metadata.fields.user import User

FIELD_TYPES: Final[Mapping[str, FieldType]] = MappingProxyType(
    {
        "text": Text(),
        "multiline": Multiline(),
        "rich_text": RichText(),
        "markdown": Markdown(),
        "code": Code(),
        "email": Email(),
        "phone": Phone(),
        "url": Url(),
        "secret": Secret(),
        "barcode": Barcode(),
        "integer": Integer(),
        "rating": Rating(),
        "number": Number(),
        "decimal": Decimal(),
        "percent": Percent(),
        "money": Money(),
        "boolean": Boolean(),
        "date": Date(),
        "datetime": DateTime(),
        "time": Time(),
        "duration": Duration(),
        "date_range": DateRange(),
        "select": Select(),
        "radio": Radio(),
        "multi_select": MultiSelect(),
        "tags": Tags(),
        "link": Link(),
        "multi_link": MultiLink(),
        "any_link": AnyLink(),
        "region": Region(),
        "dependent_select": DependentSelect(),
        "lines": Lines(),
        "parent": Parent(),
        "user": User(),
        "team": Team(),
        "file": File(),
        "files": Files(),
        "image": Image(),
        "signature": Signature(),
        "colour": Colour(),
        "icon": Icon(),
        "geo_point": GeoPoint(),
        "address": Address(),
        "person_name": PersonName(),
        "sequence": SequenceType(),
        "position": Position(),
        "formula": Formula(),
        "rollup": RollupType(),
        "related": Related(),
        "snapshot": Snapshot(),
        "json": Json(),
    }
)


def wire_type(field: Field) -> FieldType | None:
    """The type whose JSON form the field's values have: its own, or for a computed field that of its
    result."""
    kind = FIELD_TYPES[field.type]
    if not kind.computed:
        return kind
    return FIELD_TYPES.get(STORED_AS.get(kind.kind(field)["kind"], "json"))
