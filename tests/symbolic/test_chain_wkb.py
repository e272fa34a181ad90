"""The exponent of a chain order by order: the defining equations, closed forms, and the chain's own escape times."""

import math

import mpmath as mp
import pytest
import sympy as sp

import escapetime as et
from escapetime.errors import InvalidInput
from escapetime.symbolic.chain_wkb import chain_slopes, modified_hamiltonian

x, p, h = sp.symbols("x p h", real=True)


@pytest.mark.parametrize("order", [0, 1, 2])
def test_the_series_solves_the_steps_of_the_chain(order):
    # W'(x + h H_p(x, P)) = P with W'(x) = P + h H_x(x, P), up to h**(order + 2)
    b, D = -x - x**3 / 3, 1 + x**2
    slopes = [sp.lambdify(x, c, "mpmath") for c in chain_slopes(b, D, x, order)]

    def residual(step):
        at = mp.mpf(7) / 10
        drift, noise = -at - at**3 / 3, 1 + at**2
        momentum = slopes[0](at)
        for _ in range(80):  # a contraction, for small steps
            momentum = sum(step**k * w(at) for k, w in enumerate(slopes)) - step * (
                (-1 - at**2) * momentum + 2 * at * momentum**2
            )
        after = at + step * (drift + 2 * noise * momentum)
        return sum(step**k * w(after) for k, w in enumerate(slopes)) - momentum

    with mp.workdps(60):
        ratio = residual(mp.mpf(1) / 2048) / residual(mp.mpf(1) / 4096)
        assert float(mp.log(abs(ratio), 2)) == pytest.approx(order + 2, abs=0.03)


def test_linear_chains_are_known_exactly():
    # AR(1): variance 2 h D / (1 - (1 - h k)**2) = (D / k) / (1 - h k / 2), W' = x / variance
    k, D = sp.symbols("k D", positive=True)
    w = chain_slopes(-k * x, D, x, 2)
    exact = sp.series(x * k / D * (1 - h * k / 2), h, 0, 3).removeO()
    assert sp.simplify(sum(h**n * c for n, c in enumerate(w)) - exact) == 0


def test_integral_by_parts():
    b, D = sp.Function("b")(x), sp.Function("D")(x)
    first = chain_slopes(b, D, x)[1]
    assert sp.simplify(first - b**2 * D.diff(x) / (4 * D**2) + (b**2 / (4 * D)).diff(x)) == 0


def test_the_matched_quartic_chain():
    from escapetime.exact import chain

    model = et.landscapes.matched_quartic()
    (theta,) = model.landscape.variables
    w = chain_slopes(-model.landscape.gradient[0], model.covariance[0], theta, 2)
    shift = [float(sp.integrate(sp.apart(sp.together(c)), (theta, -1, 0))) for c in w[1:]]
    lr, found = 0.0125, []
    for size in (0.25, 0.5):
        problem = et.EscapeProblem(
            et.sgd(model.landscape, lr=lr, batch_size=size, covariance=model.covariance),
            -1.0, et.Interval(-math.inf, 1.0),
        )  # fmt: skip
        found.append(math.log(chain.escape_time(problem).mean / et.exact.escape_time(problem).mean))
    slope = (found[1] - found[0]) / 0.25
    predicted = 2 * (shift[0] + lr * shift[1])  # w is in units of C_1, and D = lr C_1 / (2 B)
    assert slope == pytest.approx(predicted, rel=0.02)
    assert slope != pytest.approx(-predicted, rel=0.02)


def test_orders_that_are_not_known():
    with pytest.raises(InvalidInput, match="0, 1 or 2"):
        modified_hamiltonian(p**2, x, p, 3)
