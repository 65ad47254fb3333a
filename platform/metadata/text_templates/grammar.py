"""What may be written in a template: a list of allowed constructs, since a list of forbidden ones is never complete."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from jinja2 import Environment, TemplateError, TemplateSyntaxError, nodes
from jinja2.meta import find_undeclared_variables

from fieldstone.metadata.text_templates.filters import FILTERS
from fieldstone.metadata.text_templates.limits import DEEPEST, LIMITS
from fieldstone.problems import did_you_mean

ALLOWED: Final[tuple[type[nodes.Node], ...]] = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.Getattr, nodes.Getitem,
    nodes.Filter, nodes.Test, nodes.If, nodes.For, nodes.CondExpr, nodes.Compare, nodes.Operand, nodes.And, nodes.Or,
    nodes.Not, nodes.Neg, nodes.Pos, nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.List, nodes.Tuple,
)  # fmt: skip

TESTS: Final = frozenset({"defined", "undefined", "none"})

WORDS: Final = {
    nodes.Call: "calls", nodes.Assign: "set", nodes.AssignBlock: "set", nodes.Macro: "macro", nodes.CallBlock: "call",
    nodes.Include: "include", nodes.Import: "import", nodes.FromImport: "import", nodes.Extends: "extends",
    nodes.Block: "block", nodes.FilterBlock: "filter blocks", nodes.With: "with", nodes.Concat: "~", nodes.Pow: "**",
    nodes.Mod: "%", nodes.FloorDiv: "//", nodes.Slice: "slices", nodes.Dict: "dictionaries",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with a template, and in which of its lines."""

    line: int
    message: str


def check_source(source: str) -> list[Finding]:
    """Everything that is wrong with a template; empty for one that may be rendered."""
    return parsed(source)[1]


@lru_cache(maxsize=1024)
def names_used(source: str) -> frozenset[str]:
    """The values that a template asks for; empty for one that is wrong."""
    tree, findings = parsed(source)
    return frozenset() if tree is None or findings else frozenset(find_undeclared_variables(tree))


@lru_cache(maxsize=1024)
def parsed(source: str) -> tuple[nodes.Template | None, list[Finding]]:
    """The tree of a template, and what is wrong with it. Both are kept and shared: change neither."""
    return read_source(source)


def read_source(source: str) -> tuple[nodes.Template | None, list[Finding]]:
    """`parsed`, with a tree of one's own."""
    if len(source) > LIMITS.source:
        return None, [Finding(1, f"A template has at most {LIMITS.source:,} characters.")]
    try:
        tree = _reader().parse(source)
    except TemplateSyntaxError as error:
        return None, [Finding(error.lineno, error.message or "This is no template.")]
    except (TemplateError, RecursionError, ValueError) as error:
        return None, [Finding(1, f"This is no template: {error or type(error).__name__}"[:300])]
    try:
        return tree, list(_findings(tree, 0))
    except RecursionError:
        return None, [Finding(1, "The template is nested too deeply.")]


@lru_cache(maxsize=1)
def _reader() -> Environment:
    """An environment that only reads: what a template means is found out elsewhere."""
    made = Environment(autoescape=False)
    made.filters.update(FILTERS)
    return made


def _findings(node: nodes.Node, depth: int) -> Iterator[Finding]:
    if not isinstance(node, ALLOWED):
        word = WORDS.get(type(node), type(node).__name__.lower())
        yield Finding(
            node.lineno, f'"{word}" cannot be used in a template: only values, filters, if and for.'
        )
        return
    if isinstance(node, (nodes.If, nodes.For)):
        depth += 1
        if depth > DEEPEST:
            yield Finding(node.lineno, f"Conditions and loops stand at most {DEEPEST} deep.")
            return
    message = _refused(node)
    if message:
        yield Finding(node.lineno, message)
    for child in node.iter_child_nodes():
        yield from _findings(child, depth)


def _refused(node: nodes.Node) -> str | None:
    if isinstance(node, nodes.Name) and node.name.startswith("_"):
        return f'"{node.name}": names do not begin with "_".'
    if isinstance(node, nodes.Getattr) and node.attr.startswith("_"):
        return f'"{node.attr}": names do not begin with "_".'
    if isinstance(node, nodes.For) and node.recursive:
        return "A loop cannot be recursive."
    if isinstance(node, nodes.Filter) and node.name not in FILTERS:
        return f'There is no filter "{node.name}"{did_you_mean(node.name, FILTERS)}.'
    if isinstance(node, (nodes.Filter, nodes.Test)) and (node.dyn_args or node.dyn_kwargs):
        return "Write each argument by itself."
    if isinstance(node, nodes.Test) and node.name not in TESTS:
        return f'There is no test "{node.name}"{did_you_mean(node.name, TESTS)}.'
    return None
