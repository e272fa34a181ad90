"""Modified equations against the moments of SGD's own step, for losses that nobody has specified."""

import pytest
import sympy as sp

from escapetime.errors import InvalidInput, RouteNotApplicable
from escapetime.symbolic import kramers_moyal
from escapetime.symbolic.modified_equations import modified_equation, short_time_moments

x, y, xi, zeta = sp.symbols("x y xi zeta", real=True)
lr, T = sp.symbols("lr T", positive=True)
L1, C1 = sp.Function("L")(x), sp.Function("C")(x)
L2 = sp.Function("L")(x, y)
ROOT = sp.Matrix([[sp.Function("a")(x, y), 0], [sp.Function("b")(x, y), sp.Function("c")(x, y)]])


def mismatch(loss, root, variables, noises, made, degree=4, **options):
    """The moments of the step minus those of the diffusion, as the lowest power of lr that is left of each."""
    gradient = sp.Matrix([loss.diff(v) for v in variables])
    step = sp.Matrix(variables) - lr * (gradient + root * sp.Matrix(noises))
    chain = kramers_moyal.moments(step, variables, noises, degree, **options)
    flow = short_time_moments(made.drift, made.diffusion, variables, lr, degree, order=2)
    powers = {}
    for key, value in chain.items():
        left = sp.expand(value - flow[key])
        terms = [t for t in sp.Add.make_args(left) if t != 0]
        powers[key] = min((t.as_powers_dict().get(lr, 0) for t in terms), default=sp.oo)
    return powers


@pytest.mark.parametrize(("order", "error"), [(1, 2), (2, 3)])
def test_the_moments_of_a_step_match_with_the_covariance_held(order, error):
    one = modified_equation(L1, C1, x, lr, order=order)
    assert min(mismatch(L1, sp.Matrix([[sp.sqrt(C1)]]), (x,), (xi,), one).values()) == error
    two = modified_equation(L2, ROOT * ROOT.T, (x, y), lr, order=order)
    assert min(3, *mismatch(L2, ROOT, (x, y), (xi, zeta), two, degree=2).values()) == error


def test_any_law_of_the_noise_matches_with_the_covariance_held():
    skew, flat = sp.symbols("kappa_3 kappa_4")
    made = modified_equation(L1, C1, x, lr)
    law = {xi: (0, 1, skew, 3 + flat)}
    powers = mismatch(L1, sp.Matrix([[sp.sqrt(C1)]]), (x,), (xi,), made, noise_moments=law)
    assert min(powers.values()) == 3


@pytest.mark.parametrize(("order", "error"), [(1, 2), (2, 3)])
def test_the_moments_of_a_step_match_with_a_constant_diffusion_held(order, error):
    made = modified_equation(L2, 2 * T / lr * sp.eye(2), (x, y), lr, order=order, held="diffusion")
    root = sp.sqrt(2 * T / lr) * sp.eye(2)
    assert min(3, *mismatch(L2, root, (x, y), (xi, zeta), made, degree=2).values()) == error
    one = modified_equation(L1, 2 * T / lr, x, lr, order=order, held="diffusion")
    assert min(mismatch(L1, root[:1, :1], (x,), (xi,), one).values()) == error


def test_control_the_first_kind_is_of_order_one_only_when_the_diffusion_is_held():
    made = modified_equation(L1, 2 * T / lr, x, lr)
    assert min(mismatch(L1, sp.Matrix([[sp.sqrt(2 * T / lr)]]), (x,), (xi,), made).values()) == 2


def test_drift_and_diffusion_are_those_of_the_paper():
    made = modified_equation(L2, sp.eye(2), (x, y), lr)
    loss = L2 + lr / 4 * (L2.diff(x) ** 2 + L2.diff(y) ** 2)
    assert sp.expand(made.drift + sp.Matrix([loss.diff(x), loss.diff(y)]).doit()) == sp.zeros(2, 1)
    assert made.diffusion == lr / 2 * sp.eye(2)


def test_no_diffusion_of_order_two_has_a_varying_diffusion_held():
    D = sp.Function("D")(x)
    with pytest.raises(RouteNotApplicable, match="third moment"):
        modified_equation(L1, 2 * D / lr, x, lr, held="diffusion")
    made = modified_equation(L1, 2 * D / lr, x, lr, order=1, held="diffusion")
    powers = mismatch(L1, sp.Matrix([[sp.sqrt(2 * D / lr)]]), (x,), (xi,), made)
    assert min(powers.values()) == 2
    assert powers[x, x, x] == 2  # nothing that is added to b or D at first order changes this one


def test_stationary_variance_of_a_quadratic():
    """Held diffusion is right to second order, T / (h (1 - lr h / 2)); held covariance has the opposite sign there."""
    h = sp.Symbol("h", positive=True)
    exact = T / (h * (1 - lr * h / 2))
    for held, wanted in (("diffusion", 0), ("covariance", -lr * T)):
        made = modified_equation(h * x**2 / 2, 2 * T / lr, x, lr, held=held)
        variance = sp.simplify(-made.diffusion[0] * x / made.drift[0])
        assert sp.series(variance - exact, lr, 0, 2).removeO() == wanted


@pytest.mark.parametrize("bad", [{"order": 3}, {"order": 0}, {"held": "noise"}])
def test_bad_options_are_told(bad):
    with pytest.raises(InvalidInput, match="Expected"):
        modified_equation(x**2, 1, x, lr, **bad)


@pytest.mark.parametrize("bad", [{"degree": 0}, {"degree": 2, "order": 0}])
def test_bad_degrees_are_told(bad):
    with pytest.raises(InvalidInput, match="at least 1"):
        short_time_moments(-x, 1, x, lr, **bad)
