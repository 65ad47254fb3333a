"""Random expressions over random records: Python, PostgreSQL and Node give the same answers.

EXPRESSIONS_SEED replays a run, EXPRESSIONS_SAMPLES makes it longer (drills run many thousands).
"""

import os
import random

from expressions.backends import Node, Postgres, Python
from expressions.generator import Expressions, Records, cased_characters
from expressions.world import ENV

from fieldstone.expressions import Checked, ExpressionError, check, from_json, to_json

SAMPLES = int(os.environ.get("EXPRESSIONS_SAMPLES", "300"))
RECORDS = 16
GIVEN = {
    "old": {"x": "2.50", "status": "used", "i": 4, "s": "abc", "b": True, "d": "2024-02-29"},
    "changed": ["x"],
}


def test_three_back_ends_agree_on_random_expressions(backends: tuple[Python, Postgres, Node]) -> None:
    seed = int(os.environ.get("EXPRESSIONS_SEED") or random.randrange(2**32))
    print(f"EXPRESSIONS_SEED={seed} EXPRESSIONS_SAMPLES={SAMPLES}")
    rng = random.Random(seed)
    records, expressions = Records(rng), Expressions(rng)
    batch = [records.record() for _ in range(RECORDS)]
    wrong: list[str] = []
    run = unanswered = 0
    while run < SAMPLES:
        if run % 100 == 99:
            batch = [records.record() for _ in range(RECORDS)]
        source = expressions.any(rng.randint(1, 5))
        checked = fitting(source)
        if checked is None:
            continue
        run += 1
        found = {backend.name: backend.run(checked, batch, GIVEN) for backend in backends}
        unanswered += all(value is None for value in found["python"])
        for at, record in enumerate(batch):
            values = {name: answers[at] for name, answers in found.items()}
            if len({(type(v), v) for v in values.values()}) > 1:
                read = {path[0]: record.get(path[0]) for path in checked.deps}
                wrong.append(f"{source}\n    {values}\n    {read}")
                break
    assert not wrong, f"EXPRESSIONS_SEED={seed}: {len(wrong)} differ\n" + "\n".join(
        sorted(wrong, key=len)[:5]
    )
    assert unanswered < SAMPLES / 2, "most answers are null: the sample shows nothing"


def fitting(source: str) -> Checked | None:
    """The expression, or None when it breaks a bound or meets a select with a foreign constant."""
    try:
        checked = check(source, ENV)
    except ExpressionError as refused:
        error = refused
    else:
        stored = to_json(checked)
        assert to_json(from_json(stored, ENV)) == stored
        return checked
    told = ("is not among the values", "is no date")  # a random text is a constant of the wrong kind
    known = all(any(text in problem.message for text in told) for problem in error.problems)
    assert known or error.code == "expression.limit", f"{source}\n{error.message}"
    return None


def test_case_mapping_agrees_for_every_cased_character(backends: tuple[Python, Postgres, Node]) -> None:
    characters = cased_characters()
    assert len(characters) > 2500
    batch = [{"s": "|".join(characters[at : at + 100])} for at in range(0, len(characters), 100)]
    batch += [{"s": "".join(characters[at : at + 50])} for at in range(0, len(characters), 50)]
    for source in ("lower(s)", "upper(s)"):
        checked = check(source, ENV)
        python, postgres, node = (backend.run(checked, batch, {}) for backend in backends)
        assert python == postgres == node, source
