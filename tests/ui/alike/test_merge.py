"""Merging from a list: asked side by side, done, and taken back from the toast."""

from flask.testing import FlaskClient
from ui_world import World, token_of

from fieldstone.engine import records


def made(world: World, *names: str) -> list[str]:
    def work(tx: object) -> list[str]:
        return [str(records.create(tx, "author", {"name": name})["id"]) for name in names]  # type: ignore[arg-type]

    return world.services.engine.write(world.system(), work)


def test_records_are_merged_side_by_side_and_parted_again(world: World, admin: FlaskClient) -> None:
    first, second = made(world, "Twin One", "Twin Two")
    base = f"{world.base}/e/author"
    page = admin.get(f"{base}/merge?id={first}&id={second}")
    assert page.status_code == 200
    assert "Twin One" in page.text and "Twin Two" in page.text and 'name="choose.name"' in page.text
    token = token_of(page.text)
    sent = {"csrf_token": token, "id": [first, second], "winner": first, "choose.name": second}
    done = admin.post(f"{base}/merge", data=sent)
    assert done.status_code == 303 and done.location.endswith(first)
    after = admin.get(done.location).text
    assert "Twin Two" in after and f"{first}/unmerge" in after
    assert admin.get(f"{base}/{second}").status_code == 404
    merge_id = after.split('name="merge" value="')[1].split('"')[0]
    back = admin.post(f"{base}/{first}/unmerge", data={"csrf_token": token, "merge": merge_id})
    assert back.status_code == 303
    assert "Twin One" in admin.get(f"{base}/{first}").text
    assert admin.get(f"{base}/{second}").status_code == 200


def test_one_record_alone_cannot_be_merged(world: World, admin: FlaskClient) -> None:
    (only,) = made(world, "Alone")
    told = admin.get(f"{world.base}/e/author/merge/begin?id={only}", headers={"HX-Request": "true"})
    assert "Choose 2 to 5" in told.text and "HX-Redirect" not in told.headers
    assert admin.get(f"{world.base}/e/author/merge?id={only}").status_code == 404
