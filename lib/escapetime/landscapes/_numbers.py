"""What the files of the catalogue share: two coordinates, and exact numbers."""

from __future__ import annotations

from typing import Any

import sympy as sp

x, y = sp.symbols("x y", real=True)


def exactly(value: Any) -> sp.Expr:
    """Return a number as the fraction that its decimal form means; an expression as it is."""
    return value if isinstance(value, sp.Basic) else sp.nsimplify(value, rational=True)
