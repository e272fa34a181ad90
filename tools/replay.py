"""A pytest plugin: nbval without a second execution.

With NBVAL_REPLAY=1 nbval compares the reference notebooks with the outputs that `make execute` has put into the
cache. Without it, `pytest --nbval book` starts a kernel and runs every cell again.
"""

import os
import uuid
from pathlib import Path
from queue import Queue
from typing import Any

from tools.fingerprint import ROOT

SANITIZE = ROOT / "tests" / "sanitize.cfg"


class Replay:
    """Looks to nbval like a running kernel, and answers from an executed notebook."""

    def __init__(self, notebook: Any) -> None:
        self.cells = iter([cell for cell in notebook.cells if cell.cell_type == "code"])
        self.queue: Queue[dict[str, Any]] = Queue()

    def execute_cell_input(self, source: str, allow_stdin: bool | None = None) -> str:
        cell = next(self.cells)
        if cell.source.strip() != source.strip():
            raise AssertionError(f"the cache holds another cell in place of\n{source}")
        message = uuid.uuid4().hex
        for output in cell.outputs:
            self._put(message, output.output_type, {k: v for k, v in output.items() if k != "output_type"})
        self._put(message, "status", {"execution_state": "idle"})
        return message

    def _put(self, parent: str, kind: str, content: dict[str, Any]) -> None:
        self.queue.put({"msg_type": kind, "content": content, "parent_header": {"msg_id": parent}})

    def get_message(self, stream: str, timeout: float | None = None) -> dict[str, Any]:
        return self.queue.get(timeout=timeout)

    def is_alive(self) -> bool:
        return True

    def await_reply(self, message: str, timeout: float | None = None) -> None:
        """There is nothing to wait for."""

    def await_idle(self, parent: str, timeout: float) -> None:
        """There is nothing to wait for."""

    def interrupt(self) -> None:
        """There is nothing to interrupt."""

    def stop(self) -> None:
        """There is nothing to stop."""


def pytest_configure(config: Any) -> None:
    if not config.getoption("nbval", default=False):
        return
    config.option.nbval_current_env = True
    config.option.nbval_sanitize_with = config.option.nbval_sanitize_with or str(SANITIZE)
    if os.environ.get("NBVAL_REPLAY"):
        _replace_kernel()


def _replace_kernel() -> None:
    # imported here: every other test run is spared the notebook machinery
    from nbval.plugin import IPyNbFile

    from tools import chapters

    def setup(self: Any) -> None:
        source = Path(self.path).with_suffix(".md")
        notebook = chapters.executed(source, self.nb)
        if notebook is None:
            raise AssertionError(f"{source.name} has not been executed: run `make execute`, or `make record`")
        self.kernel = Replay(notebook)
        self.setup_sanitize_files()

    IPyNbFile.setup = setup
