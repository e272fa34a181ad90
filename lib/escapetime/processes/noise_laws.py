r"""Laws of the noise in a step: independent numbers of mean zero, written as functions of standard normals.

Every engine draws standard normals, path by path; a law says what a step makes of them. So a law is one sympy
expression, and whoever needs another writes it:

>>> z1, z2, z3, z4 = sp.symbols("z1:5", real=True)
>>> NoiseLaw("skewed", (z1,), (z1**2 - 1) / sp.sqrt(2))
NoiseLaw('skewed', sqrt(2)*(z1**2 - 1)/2)

Two normals hold a uniform angle, :math:`\varphi = \arctan(z_1 / z_2)`, and an independent exponential number,
:math:`w = (z_1^2 + z_2^2) / 2`: all that the formula of Chambers, Mallows and Stuck for stable laws asks for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy as sp

from escapetime.errors import InvalidInput


@dataclass(frozen=True, repr=False)
class NoiseLaw:
    """The law of one number drawn in a step; engines draw as many independent ones as the covariance has rank.

    Parameters
    ----------
    name : str
        What to call it.
    normals : tuple of sympy.Symbol
        Independent standard normals.
    expression : sympy.Expr
        The number. Mean zero and variance one, so that the process's covariance is that of its noise; a law without
        variance (stable) is scaled by the root of that covariance all the same.

    Raises
    ------
    InvalidInput
        If the expression holds other symbols, or no normal.
    """

    name: str
    normals: tuple[sp.Symbol, ...]
    expression: sp.Expr

    def __post_init__(self) -> None:
        object.__setattr__(self, "normals", tuple(self.normals))
        object.__setattr__(self, "expression", sp.sympify(self.expression))
        used = self.expression.free_symbols
        if not used or used - set(self.normals):
            raise InvalidInput(
                f"Expected a noise law as an expression in the normals {list(self.normals)}, got {self.expression}; "
                "for instance NoiseLaw('rademacher', (z,), sympy.sign(z))."
            )

    def draw(self, index: int) -> tuple[tuple[sp.Symbol, ...], sp.Expr]:
        """Return fresh normals ``z<index>_1``, ... and the number they make."""
        fresh = tuple(sp.Symbol(f"z{index}_{k + 1}", real=True) for k in range(len(self.normals)))
        return fresh, self.expression.xreplace(dict(zip(self.normals, fresh, strict=True)))

    def __repr__(self) -> str:
        return f"NoiseLaw({self.name!r}, {self.expression})"


_Z = sp.symbols("z1:5", real=True)
GAUSSIAN = NoiseLaw("gaussian", _Z[:1], _Z[0])
RADEMACHER = NoiseLaw("rademacher", _Z[:1], sp.sign(_Z[0]))
UNIFORM = NoiseLaw("uniform", _Z[:1], sp.sqrt(3) * sp.erf(_Z[0] / sp.sqrt(2)))
LAPLACE = NoiseLaw("laplace", _Z, (_Z[0] * _Z[1] + _Z[2] * _Z[3]) / sp.sqrt(2))
LAWS = {law.name: law for law in (GAUSSIAN, RADEMACHER, UNIFORM, LAPLACE)}


def noise_law(law: Any) -> NoiseLaw:
    """Return a law from its name, or itself.

    Parameters
    ----------
    law : str or NoiseLaw
        ``"gaussian"``, ``"rademacher"`` (plus or minus one), ``"uniform"`` (between plus and minus the root of 3),
        ``"laplace"``, or your own.

    Returns
    -------
    NoiseLaw
        The law.

    Raises
    ------
    InvalidInput
        If there is none of that name.
    """
    found = law if isinstance(law, NoiseLaw) else LAWS.get(law) if isinstance(law, str) else None
    if found is None:
        known = ", ".join(map(repr, LAWS))
        raise InvalidInput(f"Expected the noise to be one of {known} or a NoiseLaw, got {law!r}.")
    return found
