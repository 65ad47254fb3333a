"""The name of a picture out of the set that the screens ship.

The set is a choice of Tabler's icons (MIT); a test sees to it that the front end has each of them.
"""

from typing import Any, ClassVar, Final

from fieldstone.metadata.definitions import Field
from fieldstone.metadata.fields.base import INVALID, NATIVE, Check, FieldType, Source
from fieldstone.metadata.fields.wording import problem, quoted, wrong_type
from fieldstone.problems import Problem, did_you_mean

ICONS: Final = tuple(
    """
    activity alarm alert-circle alert-triangle ambulance anchor archive armchair at award backpack
    barcode basket bath battery bed bell bike bolt book bookmark box briefcase brush bug building
    building-bank building-factory building-hospital building-store building-warehouse bulb bus
    calculator calendar calendar-event camera candle car cash certificate chart-bar chart-line chart-pie
    check checklist circle clipboard clock cloud code coffee coin compass confetti cookie copyright cpu
    credit-card crown cube cup database device-desktop device-laptop device-mobile diamond dice discount
    dog door droplet ear edit egg eye file file-text filter fingerprint fish flag flame flask flower
    folder forklift friends gas-station gavel gift glass globe hammer hand-stop headphones heart
    help-circle home hourglass id-badge inbox info-circle key keyboard ladder language leaf lifebuoy
    link list lock luggage mail man map map-pin medal message message-circle microphone microscope
    mood-happy mood-sad moon mountain mouse music news note notebook package paint palette paperclip
    pencil phone photo pig pill pin pizza plane plant plug printer prism puzzle qrcode question-mark
    radio rainbow receipt recycle road robot rocket ruler run sailboat scale school scissors search send
    server settings shield ship shirt shoe shopping-bag shopping-cart sitemap snowflake sofa
    speakerphone stack stairs star stethoscope sun sword target temperature tent test-pipe ticket
    toggle-left tool tools tornado tractor train trash tree trees trending-down trending-up trophy truck
    truck-delivery umbrella user users video vinyl wallet wand wash wheelchair wifi wind windmill woman
    world yoga zoom-in
    """.split()  # noqa: SIM905 (a list of 200 quoted names reads worse)
)


class Icon(FieldType):
    id = "icon"
    title = "Icon"
    description = "A picture by its name, out of the set that the screens show. `enum` narrows the set."
    native: ClassVar[frozenset[str]] = NATIVE | {"enum"}
    operators = ("==", "!=", "in", "isEmpty")

    def wire_schema(self, source: Source) -> dict[str, Any]:
        schema = super().wire_schema(source)
        names = schema.get("enum", ICONS)
        for name in names:
            if name not in ICONS:
                source.refuse("enum", "icon", f"there is no icon {name!r}{did_you_mean(str(name), ICONS)}")
        return {**schema, "enum": list(names)}

    def checker(self, definition: Field) -> Check:
        names = frozenset(definition.schema["enum"])

        def check(value: Any, path: str, problems: list[Problem]) -> Any:
            if type(value) is str and value in names:
                return value
            if type(value) is not str:
                problems.append(wrong_type(path, value, "the name of an icon"))
            else:
                wrong = problem("enum", path, quoted(value), sorted(names))
                problems.append(
                    Problem(path, wrong.code, wrong.message + did_you_mean(value, names), wrong.data)
                )
            return INVALID

        return check

    def kind(self, definition: Field) -> dict[str, Any]:
        return {"kind": "text", "max_length": 60}

    def parse_text(self, definition: Field, text: str) -> Any:
        return text.strip().lower().removeprefix("ti-").replace(" ", "-")
