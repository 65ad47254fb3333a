"""Python's search for circles of garbage, put off while a batch of rows is written.

A batch makes some hundred thousand objects that all live until its end: searching them again and again finds
nothing and costs a fifth of the time. What a batch leaves is bounded by its size, and searched afterwards.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Without the collector; it is never left off, whatever other threads do here."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
