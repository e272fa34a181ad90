"""Named intermediate results, and expressions without them."""

import sympy as sp

from escapetime.symbolic.assignments import assignments, without_stages

x, a, b, c = sp.symbols("x a b c")
STAGES = [(a, x + 1), (b, a**2 + x), (c, sp.sin(b) * a)]


def test_stages_are_substituted_through_to_the_beginning():
    inner = (x + 1) ** 2 + x
    assert without_stages(STAGES, c + b) == sp.sin(inner) * (x + 1) + inner
    assert without_stages(STAGES, sp.Matrix([c, x])) == sp.Matrix([sp.sin(inner) * (x + 1), x])
    assert without_stages([], x**2) == x**2
    # in the other order names are left
    assert without_stages(STAGES[::-1], c).free_symbols & {a, b}


def test_shared_terms_and_stages_are_the_same_expression():
    order, (result,) = assignments(STAGES, [c**2 + sp.exp(b)])
    assert without_stages(order, result) == without_stages(STAGES, c**2 + sp.exp(b))
