"""Functions that run in lanes, against mpmath in units in the last place."""

import math

import mpmath as mp
import numba
import numpy as np
import pytest

from escapetime.simulate.kernels import primitives32, primitives64
from escapetime.simulate.kernels.flags import FLAGS

PRECISIONS = {"float64": primitives64, "float32": primitives32}
# what is promised: units in the last place, where |x| is at most so much
PROMISED = {
    "log": 1.1, "exp": 1.1, "expm1": 1.7, "tan": 3.5, "sinh": 2.5, "cosh": 3.0, "tanh": 3.0, "asin": 3.5, "acos": 3.5,
    "atan": 2.5, "erf": 3.2, "sqrt": 0.51,
}  # fmt: skip
REACH = {"tan": 10.0, "tanh": 25.0, "asin": 1.0, "acos": 1.0, "atan": 1e4, "erf": 8.0}
OVERFLOW = {"float64": 708.0, "float32": 86.5}


def compiled(function):
    scope = {"f": function, "numba": numba, "FLAGS": FLAGS}
    exec("@numba.njit(**FLAGS)\ndef over(x, out):\n    for i in range(x.size):\n        out[i] = f(x[i])\n", scope)

    def call(x):
        out = np.empty_like(x)
        scope["over"](x, out)
        return out

    return call


def arguments(name, dtype):
    rng = np.random.default_rng(1)
    scales = 10.0 ** rng.uniform(-6, 0, 600)
    if name in ("log", "sqrt"):
        decades = 300 if dtype == "float64" else 36
        return np.concatenate([10.0 ** rng.uniform(-decades, decades, 600), 1 + scales, 1 - scales * 0.9]).astype(dtype)
    reach = REACH.get(name, OVERFLOW[dtype])
    return np.concatenate([rng.uniform(-reach, reach, 900), reach * scales, -reach * scales]).astype(dtype)


def exact(name, x):
    with mp.workdps(40):
        values = [getattr(mp, name)(mp.mpf(float(v))) for v in x]
        # exact as a sum of two doubles
        high = np.array([float(v) for v in values])
        return high, np.array([float(v - mp.mpf(h)) for v, h in zip(values, high, strict=True)])


@pytest.mark.parametrize("dtype", PRECISIONS)
@pytest.mark.parametrize("name", PROMISED)
def test_functions_keep_their_digits(name, dtype):
    x = arguments(name, dtype)
    high, low = exact(name, x)
    tiny = np.finfo(dtype).tiny
    unit = np.spacing(np.maximum(np.abs(high), tiny).astype(dtype)).astype(float)
    error = np.abs((compiled(getattr(PRECISIONS[dtype], name))(x).astype(float) - high) - low) / unit
    worst = np.argmax(error)
    assert error[worst] <= PROMISED[name], f"{name}({x[worst]!r}) is off by {error[worst]:.2f} ulp"
    assert np.median(error) < 0.8


@pytest.mark.parametrize(("dtype", "reach", "bound"), [("float64", 1e5, 3.5e-16), ("float32", 5e3, 1.9e-7)])
def test_sine_and_cosine_of_large_angles(dtype, reach, bound):
    x = np.random.default_rng(2).uniform(-reach, reach, 4000).astype(dtype)
    for name in ("sin", "cos"):
        high, _ = exact(name, x)
        assert np.abs(compiled(getattr(PRECISIONS[dtype], name))(x) - high).max() < bound


@pytest.mark.parametrize("dtype", PRECISIONS)
def test_the_ends_of_the_range_are_what_numpy_has(dtype):
    x = np.array([0.0, -0.0, 1.0, -1.0, 2.0, 1e30, -1e30, np.inf, -np.inf, np.nan], dtype=dtype)
    module = PRECISIONS[dtype]
    with np.errstate(all="ignore"):
        for name in ("log", "exp", "expm1", "sqrt", "sinh", "cosh", "tanh", "sign"):
            np.testing.assert_allclose(
                compiled(getattr(module, name))(x), getattr(np, name)(x), rtol=4 * np.finfo(dtype).eps, err_msg=name
            )
        for name, reference in (("absolute", np.abs), ("asin", np.arcsin), ("acos", np.arccos), ("atan", np.arctan)):
            np.testing.assert_allclose(
                compiled(getattr(module, name))(x), reference(x), rtol=4 * np.finfo(dtype).eps, err_msg=name
            )
    np.testing.assert_array_equal(compiled(module.positive)(x), [0, 0, 1, 0, 2, x[5], 0, np.inf, 0, 0])
    assert compiled(module.erf)(x)[[7, 8]].tolist() == [1, -1]
    assert np.isnan(compiled(module.erf)(x)[9])
    smallest = np.array([np.finfo(dtype).smallest_subnormal, np.finfo(dtype).tiny * 1.5], dtype=dtype)
    np.testing.assert_allclose(compiled(module.log)(smallest), np.log(smallest.astype(np.longdouble)), rtol=1e-6)


@pytest.mark.parametrize("dtype", PRECISIONS)
def test_two_arguments(dtype):
    module = PRECISIONS[dtype]
    one, nan = np.ones(1, dtype)[0], np.full(1, np.nan, dtype)[0]

    @numba.njit
    def pairs(x, y):
        return module.maximum(x, y), module.minimum(x, y), module.power(x, y)

    assert pairs(one, one + one)[:2] == pairs(one + one, one)[:2] == (2, 1)
    assert all(math.isnan(v) for v in (*pairs(one, nan)[:2], *pairs(nan, one)[:2]))
    assert pairs(one + one, one / 2 + one)[2] == pytest.approx(2**1.5, rel=1e-6)
    assert math.isnan(pairs(-one, one / 2)[2])
