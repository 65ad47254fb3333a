"""Documents that are broken at random give problems, never an exception."""

import copy
import random
from pathlib import Path
from typing import Any

from fieldstone.metadata.cache import CompileCache
from fieldstone.metadata.compile import compile_model
from fieldstone.metadata.documents import Package, SourceDocument, read_package

PACKAGES = Path(__file__).parents[1] / "packages"
ROUNDS = 150


def places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [at] if at else []
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in steps:
        found += places(inner, (*at, step))
    return found


def broken(body: Any, chance: random.Random, words: list[str]) -> Any:
    """The document with one place removed, replaced or doubled."""
    body = copy.deepcopy(body)
    *path, last = chance.choice(places(body))
    holder = body
    for step in path:
        holder = holder[step]
    junk = [
        None,
        0,
        -1,
        1.5,
        True,
        "",
        "x",
        [],
        {},
        ["x"],
        [{}],
        [None],
        {"x": {}},
        {"$ref": "#"},
        {"name": []},
    ]
    match chance.randrange(4):
        case 0:
            del holder[last]
        case 1:
            holder[last] = chance.choice(junk)
        case 2:
            holder[last] = chance.choice(words)
        case _:
            if isinstance(holder, list):
                holder.append(copy.deepcopy(holder[last]))
            else:
                holder[chance.choice(words)] = copy.deepcopy(holder[last])
    return body


def test_broken_documents_are_problems_never_exceptions() -> None:
    seed = random.randrange(10**9)
    print("seed", seed)
    chance = random.Random(seed)
    cache = CompileCache()
    packages = [read_package(PACKAGES / name) for name in ("library", "plain")]
    words = [
        str(step) for p in packages for d in p.documents.values() for path in places(d.body) for step in path
    ]
    words += ["price * copy_count", "book.author", "author.name", "#/$defs/size", "me", "a.b.c", "{n}", "*"]
    refused = 0
    for _ in range(ROUNDS):
        package = chance.choice(packages)
        key = chance.choice(list(package.documents))
        body = package.documents[key].body
        for _ in range(chance.choice([1, 1, 1, 3])):
            if places(body):
                body = broken(body, chance, words)
        documents = {**package.documents, key: SourceDocument(*key, body, f"{key[0]}/{key[1]}.json")}
        made = Package(package.name, package.version, package.title, {}, documents)
        try:
            compiled = compile_model([made], {}, cache)
        except Exception as error:
            raise AssertionError(f"{key}: {body}") from error
        assert compiled.model is not None or compiled.problems
        refused += compiled.model is None
        for problem in compiled.problems:
            assert problem.message
            assert problem.file, problem
    assert ROUNDS * 0.2 < refused < ROUNDS
