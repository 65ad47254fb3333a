"""Rendering a template with plain data: the sandbox itself."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from jinja2 import ChainableUndefined, Template, TemplateError, Undefined, nodes
from jinja2.runtime import LoopContext
from jinja2.sandbox import SandboxedEnvironment
from jinja2.visitor import NodeTransformer

from fieldstone.metadata.text_templates.filters import BUDGET, FILTERS, LOCALE, ZONE, counted
from fieldstone.metadata.text_templates.grammar import TESTS, read_source
from fieldstone.metadata.text_templates.limits import LIMITS, Budget, Limits, TemplateFailed
from fieldstone.problems import FieldstoneError

LOOP: Final = frozenset({"index", "index0", "first", "last", "length", "revindex"})
DATE: Final = frozenset({"year", "month", "day", "hour", "minute"})
NUMBERS: Final = (int, Decimal, float)
DEEPEST_DATA: Final = 12


class TemplateRefused(FieldstoneError):
    """A template with constructs that are not allowed; `data["findings"]` are all of them."""

    code = "template.refused"
    kind = "invalid"


def render(
    source: str,
    data: Mapping[str, Any],
    *,
    locale: str = "en",
    time_zone: str = "UTC",
    escape: bool = False,
    limits: Limits = LIMITS,
) -> str:
    """The text of a template with some values; with `escape`, values become safe in HTML.

    Values are plain (texts, numbers, dates, lists, objects); a missing one is empty. Raises TemplateRefused and
    TemplateFailed.
    """
    template = _compiled(source, escape)
    budget = Budget(limits)
    values = {str(name): _plain(value, 0) for name, value in data.items() if not str(name).startswith("_")}
    parts: list[str] = []
    try:
        for part in template.generate({**values, BUDGET: budget, LOCALE: locale, ZONE: time_zone}):
            budget.write(len(part))
            parts.append(part)
    except FieldstoneError:
        raise
    except (TemplateError, ArithmeticError, TypeError, ValueError, LookupError, RecursionError) as error:
        raise TemplateFailed(f"The template cannot be rendered: {error}"[:300]) from error
    return "".join(parts)


def _plain(value: Any, depth: int) -> Any:
    """The value as data that nothing but data can be reached from."""
    if depth > DEEPEST_DATA:
        raise TemplateFailed("The values of a template are nested too deeply.")
    if value is None or isinstance(value, (bool, *NUMBERS)):
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, (datetime, date, time)):
        return value
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(each, depth + 1) for key, each in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(each, depth + 1) for each in value]
    raise TemplateFailed(f"A {type(value).__name__} is no value for a template.")


class _Sandbox(SandboxedEnvironment):
    """Jinja2's sandbox, narrowed to plain data: attributes are keys, and nothing can be called."""

    intercepted_binops = frozenset(["+", "-", "*", "/", "//", "**", "%"])
    intercepted_unops = frozenset(["+", "-"])

    def getattr(self, obj: Any, attribute: str) -> Any:
        return self._look_up(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        return self._look_up(obj, argument)

    def _look_up(self, obj: Any, name: Any) -> Any:
        if isinstance(obj, Mapping):
            return obj[name] if isinstance(name, str) and name in obj else self.undefined(name=str(name))
        if isinstance(obj, list) and isinstance(name, int):
            return obj[name] if -len(obj) <= name < len(obj) else self.undefined(name=str(name))
        allowed = LOOP if isinstance(obj, LoopContext) else DATE if isinstance(obj, date) else frozenset()
        if name in allowed and hasattr(obj, name):
            return getattr(obj, name)
        return obj if isinstance(obj, Undefined) else self.undefined(name=str(name))

    def call(self, *arguments: Any, **named: Any) -> Any:
        raise TemplateFailed("Nothing can be called in a template.")

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        values = [0 if isinstance(each, Undefined) or each is None else each for each in (left, right)]
        if operator not in "+-*/" or any(
            isinstance(each, bool) or not isinstance(each, NUMBERS) for each in values
        ):
            raise TemplateFailed("Only numbers are added, subtracted, multiplied and divided.")
        exact = [Decimal(str(each)) for each in values]
        return super().call_binop(context, operator, *exact)

    def call_unop(self, context: Any, operator: str, arg: Any) -> Any:
        if isinstance(arg, bool) or not isinstance(arg, NUMBERS):
            raise TemplateFailed("Only numbers have a sign.")
        return super().call_unop(context, operator, arg)


class _Counting(NodeTransformer):
    """Puts `counted` around what every loop goes over."""

    def visit_For(self, node: nodes.For) -> nodes.Node:
        self.generic_visit(node)
        node.iter = nodes.Filter(node.iter, "counted", [], [], None, None, lineno=node.lineno)
        return node


def _shown(value: Any) -> Any:
    if value is None:
        return ""
    return format(value, "f") if isinstance(value, Decimal) and abs(value.adjusted()) < 40 else value


@lru_cache(maxsize=2)
def _environment(escape: bool) -> _Sandbox:
    made = _Sandbox(
        autoescape=escape, undefined=ChainableUndefined, finalize=_shown, optimized=False, cache_size=0
    )
    made.globals.clear()
    made.filters.clear()
    filters: dict[str, Callable[..., Any]] = {**FILTERS, "counted": counted}
    made.filters.update(filters)
    for name in [name for name in made.tests if name not in TESTS]:
        del made.tests[name]
    return made


@lru_cache(maxsize=512)
def _compiled(source: str, escape: bool) -> Template:
    tree, findings = read_source(source)
    if tree is None or findings:
        raise TemplateRefused(
            f"Line {findings[0].line}: {findings[0].message}",
            findings=[{"line": each.line, "message": each.message} for each in findings],
        )
    environment = _environment(escape)
    tree = _Counting().visit(tree)
    tree.set_environment(environment)
    try:
        code = environment.compile(tree)
    except (TemplateError, SyntaxError, RecursionError, ValueError) as error:
        raise TemplateRefused(f"This cannot be a template: {error}"[:300], findings=[]) from error
    return Template.from_code(environment, code, environment.make_globals(None), None)
