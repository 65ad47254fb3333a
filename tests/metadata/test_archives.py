"""Packages as zips: the same package comes out, and nothing else can."""

import stat
import zipfile
from pathlib import Path

import pytest

from fieldstone.metadata import archives
from fieldstone.metadata.archives import pack
from fieldstone.metadata.documents import PackageError, read_package

LIBRARY = Path(__file__).parents[1] / "packages" / "library"
HEAD = '{"name": "tiny", "version": "1.0.0"}'


def test_a_package_is_the_same_from_its_folder_and_its_zip(tmp_path: Path) -> None:
    first, second = tmp_path / "a.zip", tmp_path / "b.zip"
    pack(LIBRARY, first)
    pack(LIBRARY, second)
    assert first.read_bytes() == second.read_bytes()
    assert read_package(first).to_json() == read_package(LIBRARY).to_json()
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a.zip", "b.zip"]


def link(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


@pytest.mark.parametrize(
    ("entries", "code"),
    [
        pytest.param([("../evil.json", "{}")], "archive.path", id="a path that leads out"),
        pytest.param([("entities/../../evil.json", "{}")], "archive.path", id="a path that turns back"),
        pytest.param([("/etc/evil.json", "{}")], "archive.path", id="an absolute path"),
        pytest.param([("entities\\evil.json", "{}")], "archive.path", id="another system's path"),
        pytest.param([("entities/deep/evil.json", "{}")], "archive.path", id="a folder too deep"),
        pytest.param([(link("entities/a.json"), "/etc/passwd")], "archive.link", id="a link"),
        pytest.param([("entities/a.json", "{}"), ("entities/A.json", "{}")], "archive.twice", id="twice"),
        pytest.param([("entities/a.json", " " * (archives.MAX_FILE + 1))], "archive.large", id="a bomb"),
        pytest.param([(f"data/f{n}.json", "") for n in range(5001)], "archive.large", id="too many files"),
    ],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_what_is_no_package_is_refused(
    tmp_path: Path, entries: list[tuple[str | zipfile.ZipInfo, str]], code: str
) -> None:
    file = tmp_path / "bad.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("package.json", HEAD)
        for name, text in entries:
            archive.writestr(name, text, zipfile.ZIP_DEFLATED)
    with pytest.raises(PackageError) as raised:
        read_package(file)
    assert [problem.code for problem in raised.value.problems] == [code]
    assert [each.name for each in tmp_path.iterdir()] == ["bad.zip"]


def test_a_file_that_is_no_zip_says_so(tmp_path: Path) -> None:
    file = tmp_path / "bad.zip"
    file.write_text("{}")
    with pytest.raises(PackageError, match="no zip that can be read"):
        read_package(file)
