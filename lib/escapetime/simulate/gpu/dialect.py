"""From lines of kernels, as :mod:`escapetime.simulate.kernels.printing` writes them, to lines of Triton."""

from __future__ import annotations

import re
from collections.abc import Sequence

_NATIVE = {name: f"tl.{name}" for name in ["exp", "exp2", "log", "sin", "cos", "sqrt", "erf"]} | {
    "absolute": "tl.abs",
    "select": "tl.where",
}


def translate(lines: Sequence[str]) -> list[str]:
    """Return the lines with Triton's names for functions and numbers.

    Parameters
    ----------
    lines : sequence of str
        Assignments with the functions of the printer.

    Returns
    -------
    list of str
        Whole numbers are floats, which take the type of what they are combined with.

    Examples
    --------
    >>> translate(["y0 = select(x0 > R(1), exp(x0), -R(2) * tanh(x0))"])
    ['y0 = tl.where(x0 > 1.0, tl.exp(x0), -2.0 * tanh(x0))']
    """
    return [_line(line) for line in lines]


def own_functions(lines: Sequence[str]) -> list[str]:
    """Return which names of :mod:`.functions` translated lines use, in alphabetical order."""
    called = set(re.findall(r"(?<![\w.])([a-z_0-9]+)\(", " ".join(lines)))
    nan = {"NAN"} if any("NAN" in line for line in lines) else set()
    return sorted((called | nan) - {"distances", "draw", "step"})


def _line(line: str) -> str:
    line = re.sub(r"\bR\((\d+)\)", r"\1.0", line).replace("R(nan)", "NAN")
    return re.sub(r"(?<![\w.])([a-z_0-9]+)\(", lambda m: _NATIVE.get(m[1], m[1]) + "(", line)
