"""Polynomials as compiled functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from escapetime.simulate.kernels.flags import primitive


def polynomial(real: type, *coefficients: float) -> Callable[[Any], Any]:
    """Return a compiled polynomial, evaluated by Horner's rule.

    Parameters
    ----------
    real : type
        numpy's type of the argument.
    *coefficients : float
        Of the powers 0, 1, 2, ...

    Returns
    -------
    callable
        Inlined where it is called from compiled code.
    """
    text = f"R({coefficients[-1]!r})"
    for coefficient in reversed(coefficients[:-1]):
        text = f"R({coefficient!r}) + x * ({text})"
    names: dict[str, Any] = {"R": real}
    exec(f"def horner(x):\n    return {text}\n", names)
    return primitive(names["horner"])
