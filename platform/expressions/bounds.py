"""What can be said of an expression's size without running it: SQL leaves out guards that cannot fire.

A guard may be left out only where the bound proves that it changes nothing: the answer never depends on it.
"""

from decimal import Decimal

from fieldstone.expressions.limits import DIVISION_PLACES, MAX_TEXT, NUMBER_DIGITS, NUMBER_PLACES
from fieldstone.expressions.typed import Changed, Const, Context, FieldRef, Old, Op, Over, Typed
from fieldstone.expressions.types import Decimal_, Integer, Select, Text

SMALL = frozenset(
    {
        "year", "month", "day", "weekday", "hour", "length", "daysBetween", "monthsBetween", "currencyDigits"
    }
)  # fmt: skip


def number_bounds(node: Typed) -> tuple[int, int]:
    """(digits, places): |value| < 10^digits, at most `places` behind the point, were nothing guarded."""
    match node:
        case Const(value=None):
            return 0, 0
        case Const(value=value):
            return _digits_of(value)
        case FieldRef(type=Integer() as t) | Old(type=Integer() as t):
            return t.digits, 0
        case FieldRef(type=Decimal_(double=False) as t) | Old(type=Decimal_(double=False) as t):
            return t.digits, t.places
        case Op(op="add" | "sub", args=(a, b)):
            (da, pa), (db, pb) = guarded_bounds(a), guarded_bounds(b)
            return max(da, db) + 1, max(pa, pb)
        case Op(op="mul", args=(a, b)):
            (da, pa), (db, pb) = guarded_bounds(a), guarded_bounds(b)
            return da + db, pa + pb
        case Op(op="div", args=(a, b)):
            (da, _), (_, pb) = guarded_bounds(a), guarded_bounds(b)
            return da + pb + 1, DIVISION_PLACES
        case Op(op="neg" | "abs", args=(a,)):
            return guarded_bounds(a)
        case Op(op="floor" | "ceil" | "round", args=(a,)):
            return guarded_bounds(a)[0] + 1, 0
        case Op(op="round", args=(a, _)):
            return NUMBER_DIGITS + 1, guarded_bounds(a)[1]
        case Op(op="if", args=(_, *branches)) | Op(op="coalesce" | "min" | "max", args=tuple() as branches):
            pairs = [guarded_bounds(branch) for branch in branches]
            return max(d for d, _ in pairs), max(p for _, p in pairs)
        case Op(op=op) if op in SMALL:
            return 9, 0
        case Over(fn="count"):
            return 16, 0
        case Over(fn="min" | "max", value=Typed() as value):
            return guarded_bounds(value)
        case Over(fn="sum", value=Typed() as value):
            return NUMBER_DIGITS + 1, guarded_bounds(value)[1]
        case _:
            return NUMBER_DIGITS + 1, NUMBER_PLACES


def guarded_bounds(node: Typed) -> tuple[int, int]:
    """The bounds of a value as others see it: after its guard."""
    digits, places = number_bounds(node)
    return min(digits, NUMBER_DIGITS), min(places, NUMBER_PLACES)


def _digits_of(value: int | Decimal) -> tuple[int, int]:
    exponent = Decimal(value).as_tuple().exponent
    assert isinstance(exponent, int)
    return max(Decimal(value).adjusted() + 1, 1), max(-exponent, 0)


def text_bound(node: Typed) -> int | None:
    """The largest possible length of a text in code points, or None when nothing is known."""
    match node:
        case Const(value=None):
            return 0
        case Const(value=str() as value):
            return len(value)
        case FieldRef(type=Text() as t) | Old(type=Text() as t):
            return t.max_length
        case FieldRef(type=Select() as t) | Old(type=Select() as t):
            return max((len(c) for c in t.constants), default=0)
        case Op(op="trim" | "substring", args=(a, *_)):
            return text_bound(a)
        case Op(op="lower" | "upper", args=(a,)):
            bound = text_bound(a)
            return None if bound is None else 3 * bound
        case Op(op="text", args=(a,)) if not a.type.is_text:
            return 60
        case Op(op="text", args=(a,)):
            return text_bound(a)
        case Op(op="concat", args=args):
            return _total([text_bound(a) for a in args])
        case Op(op="replace", args=(a, _, by)):
            whole, each = text_bound(a), text_bound(by)
            return None if whole is None or each is None else min(whole * max(each, 1), MAX_TEXT)
        case Op(op="if", args=(_, *branches)) | Op(op="coalesce" | "min" | "max", args=tuple() as branches):
            known = [text_bound(branch) for branch in branches]
            return None if None in known else max(b for b in known if b is not None)
        case _:
            return None


def _total(bounds: list[int | None]) -> int | None:
    return None if None in bounds else sum(b for b in bounds if b is not None)


def concat_fits(args: tuple[Typed, ...]) -> bool:
    total = _total([text_bound(a) for a in args])
    return total is not None and total <= MAX_TEXT


def replace_fits(text: Typed, by: Typed) -> bool:
    whole, each = text_bound(text), text_bound(by)
    return whole is not None and each is not None and whole * max(each, 1) <= MAX_TEXT


def is_immutable(node: Typed) -> bool:
    """Whether the SQL of `node` reads the own row only and uses nothing that an index refuses."""
    for part in node.walk():
        match part:
            case Context() | Old() | Changed() | Over():
                return False
            case FieldRef(path=path) if len(path) > 1:
                return False
            case Op(op="number" | "monthsBetween"):
                return False
            case Op(op="date", args=(first, *rest)) if rest or first.type.is_text:
                return False
            case Op(op="text", args=(first,)) if first.type.kind in ("date", "datetime"):
                return False
            case Op(op="concat", args=args) if not concat_fits(args):
                return False
            case Op(op="replace", args=(text, _, by)) if not replace_fits(text, by):
                return False
    return True
