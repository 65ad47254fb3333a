"""One value of one field type on a screen: how it is read, and how it is edited.

`READ_WIDGETS[type]` turns a value into HTML for a list cell or a record page; `EDIT_WIDGETS[type]` makes the
control of a form and reads what was sent. A new field type is one function and one line in each table.
"""

from fieldstone.ui.widgets.cell import Cell
from fieldstone.ui.widgets.edit import EDIT_WIDGETS, EditWidget
from fieldstone.ui.widgets.read import READ_WIDGETS, read_value

__all__ = ["EDIT_WIDGETS", "READ_WIDGETS", "Cell", "EditWidget", "read_value"]
