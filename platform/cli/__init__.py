"""The `fieldstone` command. The top layer: it may import every other one, and nothing imports it.

One module per command; `command_line.COMMANDS` lists them. How to add one stands there.
"""

from fieldstone.cli.command_line import main

__all__ = ["main"]
