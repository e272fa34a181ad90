"""Ctrl-C at a known place: a timer would fire during an import as well, where Python may lose it."""

import itertools
import os
import signal


def interrupt_in(monkeypatch, engine, looks):
    """Send this process SIGINT when the engine's main thread has looked so many times whether its workers are done."""
    wait, calls = engine.wait, itertools.count(1)

    def impatient(*arguments, **options):
        if next(calls) == looks:
            # a shell that runs the tests in the background makes them ignore it
            before = signal.signal(signal.SIGINT, signal.default_int_handler)
            try:
                os.kill(os.getpid(), signal.SIGINT)
            finally:
                signal.signal(signal.SIGINT, before)
        return wait(*arguments, **options)

    monkeypatch.setattr(engine, "wait", impatient)
