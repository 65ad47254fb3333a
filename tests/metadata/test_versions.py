"""Ranges of versions."""

import pytest

from fieldstone.metadata.versions import in_range, parse_version

CASES = [
    ("1.2.3", "*", True), ("1.2.3", "1.2.3", True), ("1.2.3", "1.2.4", False), ("1.2.3", ">=1.2", True),
    ("1.2.3", ">=1.0.0 <2", True), ("2.0.0", ">=1.0.0,<2", False), ("1.9.0", "^1.2", True),
    ("2.0.0", "^1.2", False),
    ("2.0.0-rc.1", "^1.2", False), ("0.3.0", "^0.2", False), ("0.2.9", "^0.2", True), ("1.2.9", "~1.2", True),
    ("1.3.0", "~1.2", False), ("1.2.3-alpha", ">=1.2.3", False), ("1.2.3+build", "=1.2.3", True),
    ("1.10.0", ">1.9", True), ("1.2.3", "newest", None),
    ("1.2.3", ">= 1.0", True), ("1.2.3", "1.2.3 ||", None),
]  # fmt: skip


@pytest.mark.parametrize(("version", "wanted", "fits"), CASES, ids=[f"{v} in {w}" for v, w, _ in CASES])
def test_ranges(version: str, wanted: str, fits: bool | None) -> None:
    assert in_range(version, wanted) is fits


def test_versions_are_ordered_as_semantic_versioning_says() -> None:
    names = [
        "1.0.0-alpha",
        "1.0.0-alpha.1",
        "1.0.0-alpha.beta",
        "1.0.0-beta.2",
        "1.0.0-beta.11",
        "1.0.0-rc.1",
        "1.0.0",
        "1.0.1",
    ]
    versions = [parse_version(name) for name in names]
    assert versions == sorted(versions)  # type: ignore[type-var]
