"""Maps the import packages `fieldstone.<name>` to `platform/<name>` and `fieldstone.ui` to `ui`.

Everything else about the distribution stands in pyproject.toml. `platform/` has no `__init__.py`:
a package of that name would shadow the standard library's `platform`.
"""

from setuptools import find_packages, setup

LAYERS = [
    "problems", "expressions", "metadata", "engine", "workflows", "packages", "api", "app", "cli",
]  # fmt: skip


def below(folder: str, name: str) -> list[str]:
    return [name, *(f"{name}.{sub}" for sub in find_packages(folder))]


packages = [p for layer in LAYERS for p in below(f"platform/{layer}", f"fieldstone.{layer}")]
packages += below("ui", "fieldstone.ui")

setup(
    packages=packages,
    package_dir={f"fieldstone.{layer}": f"platform/{layer}" for layer in LAYERS} | {"fieldstone.ui": "ui"},
    include_package_data=True,
)
