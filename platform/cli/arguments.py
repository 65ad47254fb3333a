"""Kinds of command-line arguments that several commands share."""

import argparse


def port(text: str) -> int:
    """A TCP port, or 0 for a free one."""
    if not text.isdecimal() or not 0 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port (0 to 65535)")
    return int(text)
