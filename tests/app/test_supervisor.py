"""The supervisor restarts what dies, ever more slowly, and kills what does not stop."""

import os
import sys
import threading
import time
from pathlib import Path

from fieldstone.app.supervisor import LONGEST_DELAY, Child, supervise

STUBBORN = "import signal, sys, time; signal.signal(15, signal.SIG_IGN); print(1, flush=True); time.sleep(60)"


def child(code: str, **options: float) -> Child:
    return Child("probe", [sys.executable, "-c", code], os.environ, **options)


def test_child_that_keeps_dying_is_restarted_with_growing_delay() -> None:
    probe = child("raise SystemExit(3)")
    now, delays = 0.0, []
    for _ in range(9):
        probe.look(now)
        assert probe.process is not None
        probe.process.wait()
        probe.look(now + 1)
        delays.append(probe.delay)
        probe.look(now + 1 + probe.delay - 0.01)
        assert probe.process is None, "not before it is due"
        now = probe.due
    assert delays[:4] == [0.5, 1.0, 2.0, 4.0]
    assert delays[-1] == LONGEST_DELAY


def test_child_that_ran_well_is_restarted_at_once() -> None:
    probe = child("pass")
    probe.look(0.0)
    assert probe.process is not None
    probe.process.wait()
    probe.look(100.0)
    assert probe.due == 100.0


def test_stubborn_child_is_killed_after_its_patience(tmp_path: Path) -> None:
    mark = tmp_path / "ready"
    probe = child(STUBBORN.replace("print(1, flush=True)", f"open({str(mark)!r}, 'w').close()"), patience=0.3)
    stop = threading.Event()
    thread = threading.Thread(target=supervise, args=([probe], stop))
    thread.start()
    deadline = time.monotonic() + 20
    while not mark.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    running = probe.process
    assert running is not None
    stop.set()
    thread.join(10)
    assert running.poll() == -9


def test_error_in_a_regular_call_does_not_end_the_supervisor() -> None:
    stop, calls = threading.Event(), []

    def fail() -> None:
        calls.append(1)
        stop.set()
        raise RuntimeError("database is away")

    supervise([], stop, each_second=[fail])
    assert calls == [1]
