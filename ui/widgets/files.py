"""Files: the name, to download."""

from markupsafe import Markup

from fieldstone.ui.widgets.cell import Cell


def file(cell: Cell) -> Markup:
    if not isinstance(cell.value, dict):
        return Markup('<a class="fs-value-link" href="{}" download>{}</a>').format(
            cell.urls.file(cell.value), cell.texts("value.file")
        )
    return Markup('<a class="fs-value-link" href="{}" download>{}</a>').format(
        cell.urls.file(cell.value["id"]), cell.value.get("name", "")
    )
