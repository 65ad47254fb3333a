from uuid import uuid4

from record_world import RecordWorld, together

from fieldstone.engine.records.errors import Conflict, InvalidContent


def test_numbers_are_unique_for_writers_at_the_same_time(stock: RecordWorld) -> None:
    made = together([lambda n=n: stock.create("asset", {"label": f"n{n}"}) for n in range(24)])
    numbers = [each["number"] for each in made]
    assert len(set(numbers)) == 24
    assert all(number.startswith("A-") and len(number) == 7 for number in numbers)


def test_a_gapless_sequence_has_no_gap_after_refused_writes(stock: RecordWorld) -> None:
    taken = str(uuid4())
    stock.create("stamp", {"label": "first", "code": taken})

    def write(n: int) -> object:
        body = [{"label": "ok"}, {"label": "clash", "code": taken}, {"label": None}][n % 3]
        return stock.create("stamp", body)

    results = together([lambda n=n: write(n) for n in range(24)])
    assert [type(r) for r in results].count(dict) == 8
    assert all(isinstance(r, (dict, Conflict, InvalidContent)) for r in results)
    numbers = sorted(
        int(each["number"][1:]) for each in [*stock.rows("stamp"), *stock.rows("stamp", deleted=True)]
    )
    assert numbers == list(range(1, len(numbers) + 1))
