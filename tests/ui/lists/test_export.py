"""A list as a file is what the list shows."""

import csv
import io

from flask.testing import FlaskClient
from ui_world import World


def rows(world: World, client: FlaskClient, query: str) -> list[dict[str, str]]:
    answer = client.get(f"{world.base}/e/book/export?format=csv&{query}")
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.get_data().decode("utf-8-sig"))))


def test_columns_filter_and_sort_are_those_of_the_list(world: World, admin: FlaskClient) -> None:
    found = rows(world, admin, "filter=status=='new'&sort=-title")
    titles = [row["title"] for row in found if row["title"].startswith("Volume")]
    assert titles == sorted(titles, reverse=True) and len(titles) == 20
    assert "created_by" not in found[0]


def test_all_fields_are_there_for_the_asking(world: World, admin: FlaskClient) -> None:
    shown, whole = rows(world, admin, "q=Volume"), rows(world, admin, "q=Volume&all=1")
    assert set(shown[0]) < set(whole[0])
    assert len(shown) == len(whole)
