"""One expression, the same numbers in numpy and torch."""

import numpy as np
import pytest
import sympy as sp
import torch

from escapetime.errors import InvalidInput
from escapetime.symbolic.compile import ArrayFunction

x, y = sp.symbols("x y", real=True)

EVERYTHING = [
    sp.Piecewise((x, x < 1), (x**2, (x < 3) & (x > 2)), (1, True)),
    sp.Max(x, 0, y),
    sp.Min(x, y),
    sp.Abs(x - 2),
    sp.sqrt(2) * x + sp.pi + 1 / x,
    sp.sqrt(y) + sp.log(x),
    sp.erf(x) + sp.tanh(y),
    sp.sign(x - 1),
    sp.sin(x) ** 2 + sp.cos(y) * sp.atan(x),
    sp.Integer(3),
    sp.exp(-(x**2) - y**2) + sp.cosh(x),
]


def points(shape=(7, 2)):
    return np.random.default_rng(0).uniform(0.1, 4.0, shape)


def test_numpy_and_torch_agree_with_sympy():
    f = ArrayFunction((x, y), EVERYTHING, (len(EVERYTHING),))
    at = points()
    exact = np.array([[float(e.subs({x: a, y: b})) for e in EVERYTHING] for a, b in at])
    np.testing.assert_allclose(f(at), exact, rtol=1e-14, atol=1e-14)
    np.testing.assert_allclose(f(torch.tensor(at)).numpy(), exact, rtol=1e-14, atol=1e-14)


def test_shapes_follow_the_batch():
    f = ArrayFunction((x, y), [x, y, x * y, sp.Integer(1)], (2, 2))
    assert f(points((3, 5, 2))).shape == (3, 5, 2, 2)
    assert f(points((2,))).shape == (2, 2)
    assert ArrayFunction((x,), [sp.Integer(0)])(np.zeros((4, 1))).shape == (4,)


def test_torch_keeps_dtype_and_gradient():
    f = ArrayFunction((x, y), [x**2 * y])
    at = torch.tensor([[2.0, 3.0]], dtype=torch.float32, requires_grad=True)
    out = f(at)
    assert out.dtype is torch.float32
    out.sum().backward()
    assert at.grad.tolist() == [[12.0, 4.0]]


def test_free_symbols_are_refused():
    with pytest.raises(InvalidInput, match="symbols y"):
        ArrayFunction((x,), [x * y])


@pytest.mark.parametrize("wrong", [np.zeros(3), np.zeros((4, 1)), np.float64(1.0)])
def test_wrong_shapes_are_named(wrong):
    with pytest.raises(InvalidInput, match=r"\(\.\.\., 2\)"):
        ArrayFunction((x, y), [x])(wrong)
