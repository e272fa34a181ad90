"""Jump moments of one-step maps: Pawula's cases and the ones he excludes."""

import pytest
import sympy as sp
from sympy.functions.combinatorial.numbers import stirling

from escapetime.errors import InvalidInput
from escapetime.symbolic.conventions import Convention, to_ito_drift
from escapetime.symbolic.discrete_updates import euler_maruyama_update, sgd_update
from escapetime.symbolic.fokker_planck import fokker_planck_operator
from escapetime.symbolic.kramers_moyal import kramers_moyal_coefficients, moments

x, y, xi, eta = sp.symbols("x y xi eta", real=True)
dt, lr, D, k, rate = sp.symbols("dt lr D k lambda", positive=True)
slope = sp.Function("U")(x).diff(x)


def sgd(order):
    update, noises = sgd_update(slope, 2 * D / lr, x, lr)
    return kramers_moyal_coefficients(update, x, noises, lr, order)


def test_sgd_at_fixed_diffusion():
    km = sgd(order=4)
    assert km.finite[(x,)] == -slope
    assert sp.expand(km.finite[x, x] - 2 * D - lr * slope**2) == 0
    assert sp.expand(km.finite[x, x, x] + lr * 6 * D * slope + lr**2 * slope**3) == 0
    assert sp.expand(km.finite[x, x, x, x] - (12 * D**2 * lr + 12 * D * lr**2 * slope**2 + lr**3 * slope**4)) == 0
    assert (km.drift[0], km.diffusion[0], km.is_diffusion) == (-slope, D, True)


def test_sgd_moments_beyond_the_second_vanish_linearly_in_the_learning_rate():
    km = sgd(order=6)
    for order in (3, 4, 5, 6):
        assert km.limit[(x,) * order] == 0
        assert (km.expansion(*[x] * order) != 0) == (order in (3, 4))  # M_5, M_6 are O(lr**2)
    assert km.expansion(x, x, x, x) == 12 * D**2 * lr


def test_sgd_at_fixed_covariance_has_no_noise_left():
    """Negative control of holding D fixed: at fixed C the limit is gradient flow."""
    C = sp.Symbol("C", positive=True)
    update, noises = sgd_update(slope, C, x, lr)
    km = kramers_moyal_coefficients(update, x, noises, lr, 2)
    assert km.diffusion[0] == 0
    assert km.expansion(x, x) == lr * (C + slope**2).expand()


def test_sgd_in_two_dimensions_keeps_the_whole_diffusion_matrix():
    d11, d12, d22 = sp.symbols("d11 d12 d22", positive=True)
    diffusion = sp.Matrix([[d11, d12], [d12, d22]])
    gradient = [sp.Function("g1")(x, y), sp.Function("g2")(x, y)]
    update, noises = sgd_update(gradient, 2 * diffusion / lr, (x, y), lr)
    km = kramers_moyal_coefficients(update, (x, y), noises, lr, 4)
    assert km.drift == -sp.Matrix(gradient)
    assert sp.simplify(km.diffusion - diffusion) == sp.zeros(2, 2)
    assert sp.simplify(km.finite[x, y] - 2 * d12 - lr * gradient[0] * gradient[1]) == 0
    assert km.is_diffusion
    assert len(km.limit) == 2 + 3 + 4 + 5


def test_index_order_does_not_matter():
    km = kramers_moyal_coefficients([x + dt * y, y + sp.sqrt(dt) * x * xi], (x, y), xi, dt, 3)
    assert km.expansion(y, x, y) == km.expansion(x, y, y)


def test_noise_read_at_the_current_point_is_ito():
    """A generator: the limit coefficients give the Ito Fokker-Planck operator of the same b and D."""
    b, d, p = sp.Function("b")(x), sp.Function("D", positive=True)(x), sp.Function("p")(x)
    update, noises = euler_maruyama_update(b, d, x, dt)
    km = kramers_moyal_coefficients(update, x, noises, dt, 4)
    expansion = sum((-1) ** n * sp.diff(km.limit[(x,) * n] * p, x, n) / sp.factorial(n) for n in range(1, 5))
    assert sp.expand(expansion - fokker_planck_operator(p, b, d, x, Convention.ITO)) == 0


def test_noise_read_at_the_middle_of_the_step_is_stratonovich():
    """Heun's step for the noise: predictor x + s xi, average of both amplitudes."""
    s = 1 + x**2  # a polynomial amplitude keeps the predictor polynomial in the noise
    kick = sp.sqrt(dt) * s * xi
    update = x - x * dt + sp.sqrt(dt) * xi * (s + s.subs(x, x + kick)) / 2
    km = kramers_moyal_coefficients(update, x, xi, dt, 4)
    ito = to_ito_drift(-x, s**2 / 2, x, "stratonovich")[0]
    assert sp.expand(km.drift[0] - ito) == 0
    assert sp.expand(km.drift[0] + x) != 0
    assert sp.expand(km.diffusion[0] - s**2 / 2) == 0
    assert km.is_diffusion


def test_exact_ornstein_uhlenbeck_step_has_a_series_in_dt():
    update = x * sp.exp(-k * dt) + sp.sqrt(D / k * (1 - sp.exp(-2 * k * dt))) * xi
    km = kramers_moyal_coefficients(update, x, xi, dt, 4)
    assert (km.drift[0], km.diffusion[0], km.is_diffusion) == (-k * x, D, True)
    assert sp.expand(km.expansion(x) - (-k * x + k**2 * x * dt / 2)) == 0
    assert sp.expand(km.expansion(x, x) - (2 * D + dt * (k**2 * x**2 - 2 * D * k))) == 0


def test_skewed_noise_leaves_a_third_moment_of_half_order():
    """Cumulants that do not depend on dt: M_3 = kappa_3 (2 D)^(3/2) sqrt(dt), gone in the limit as sqrt(dt)."""
    kappa = sp.Symbol("kappa_3", real=True)
    skewed = {xi: [0, 1, kappa, 3]}
    km = kramers_moyal_coefficients(x + sp.sqrt(2 * D * dt) * xi, x, xi, dt, 4, noise_moments=skewed)
    assert sp.expand(km.expansion(x, x, x) - kappa * (2 * D) ** sp.Rational(3, 2) * sp.sqrt(dt)) == 0
    assert km.is_diffusion


def test_poisson_jumps_keep_every_moment():
    """Jumps of size h at rate lambda: M_n = lambda h**n for every n, so no truncation is a Fokker-Planck equation."""
    h = sp.Symbol("h", positive=True)

    def poisson(n):
        return sum(stirling(n, j) * (rate * dt) ** j for j in range(n + 1))

    km = kramers_moyal_coefficients(x + h * xi, x, xi, dt, 4, noise_moments={xi: poisson})
    assert [km.limit[(x,) * n] for n in range(1, 5)] == [rate * h**n for n in range(1, 5)]
    assert not km.is_diffusion


def test_moments_of_a_polynomial_map_are_exact():
    found = moments([x + xi**2, y + x * xi * eta], (x, y), (xi, eta), 3)
    assert found[(x,)] == 1
    assert found[x, x] == 3
    assert found[x, x, x] == 15
    assert found[x, y] == 0
    assert found[y, y] == x**2
    assert found[x, y, y] == 3 * x**2


def test_moments_agree_with_gauss_hermite_quadrature():
    from numpy.polynomial.hermite_e import hermegauss

    update = x - dt * (x**3 - x) + sp.sqrt(dt) * (1 + x) * xi + dt * xi**2
    nodes, weights = hermegauss(8)
    at = {x: 0.7, dt: 0.3}
    for key, value in moments(update, x, xi, 4).items():
        power = sp.lambdify(xi, ((update - x) ** len(key)).subs(at))
        assert float(value.subs(at)) == pytest.approx((weights * power(nodes)).sum() / weights.sum(), rel=1e-12)


@pytest.mark.parametrize("bad", [sp.exp(xi), sp.Abs(xi), 1 / (1 + xi), sp.sin(x * xi), sp.sqrt(1 + xi)])
def test_maps_that_are_not_polynomial_in_the_noise_are_refused_by_name(bad):
    with pytest.raises(InvalidInput, match="polynomial in the noise xi"):
        kramers_moyal_coefficients(x + dt * bad, x, xi, dt)


def test_diverging_moments_are_refused():
    with pytest.raises(InvalidInput, match=r"E\[dx\*dx\]/dt growing like dt\*\*\(-1\).*sqrt\(dt\)"):
        kramers_moyal_coefficients(x + xi, x, xi, dt)


@pytest.mark.parametrize("order", [0, -1, 2.5])
def test_bad_orders_are_refused(order):
    with pytest.raises(InvalidInput, match="order of at least 1"):
        moments(x + xi, x, xi, order)


def test_coefficients_that_were_not_computed_are_refused():
    km = kramers_moyal_coefficients(x + sp.sqrt(dt) * xi, x, xi, dt, order=1)
    with pytest.raises(InvalidInput, match="higher order"):
        km.diffusion  # noqa: B018
    with pytest.raises(InvalidInput, match="correct the name"):
        km.expansion(y)


def test_a_variable_cannot_be_a_noise_and_dt_must_be_a_symbol():
    with pytest.raises(InvalidInput, match="rename the noises"):
        moments(x + xi, x, x, 2)
    with pytest.raises(InvalidInput, match="Symbol"):
        kramers_moyal_coefficients(x + xi, x, xi, 0.1)


def test_update_of_the_wrong_length_is_refused():
    with pytest.raises(InvalidInput, match="one for each variable"):
        moments([x + xi, y], x, xi, 2)


def test_an_update_without_a_series_in_dt_is_refused():
    with pytest.raises(InvalidInput, match="series in powers of"):
        kramers_moyal_coefficients(x + sp.sqrt(dt) * dt ** sp.Symbol("a") * xi, x, xi, dt)
