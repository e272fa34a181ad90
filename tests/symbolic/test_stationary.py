"""Zero-current densities and detailed-balance potentials against their operators and closed forms."""

import pytest
import sympy as sp

from escapetime.errors import InvalidInput, RouteNotApplicable
from escapetime.symbolic.conventions import Convention
from escapetime.symbolic.fokker_planck import fokker_planck_operator, probability_current
from escapetime.symbolic.stationary import detailed_balance_potential, stationary_density_1d

x, y, z = sp.symbols("x y z", real=True)
T, k, c = sp.symbols("T k c", positive=True)


@pytest.mark.parametrize("convention", list(Convention))
@pytest.mark.parametrize(
    ("drift", "diffusion"),
    [
        (-x, 1 + x**2),
        (x - x**3, T),
        (x - x**3, c * (1 + x**2)),
        (-k * x, T * sp.exp(x)),
        (-sp.Function("U")(x).diff(x), T),
        (sp.Function("b")(x), sp.Function("D", positive=True)(x)),
    ],
)
def test_stationary_density_carries_no_current(drift, diffusion, convention):
    p = stationary_density_1d(drift, diffusion, x, convention)
    current = probability_current(p, drift, diffusion, x, convention)[0]
    assert sp.simplify(current / p) == 0


def test_stationary_density_of_another_convention_carries_a_current():
    """Negative control: the prefactor D**-(1 - alpha) is seen."""
    p = stationary_density_1d(-x, 1 + x**2, x, "ito")
    assert sp.simplify(probability_current(p, -x, 1 + x**2, x, "stratonovich")[0] / p) != 0


@pytest.mark.parametrize(
    ("convention", "second_moment"), [("ito", 0.1111), ("stratonovich", 0.1250), ("haenggi-klimontovich", 0.1429)]
)
def test_second_moment_of_multiplicative_noise_depends_on_the_convention(convention, second_moment):
    """L = x^2/2 with D = (1 + x^2)/10: the moment equation gives D0 / (1 - D0 (1 + 2 alpha)) in closed form."""
    p = stationary_density_1d(-x, (1 + x**2) / 10, x, convention)
    mass, moment = (sp.Integral(p * x**n, (x, -sp.oo, sp.oo)).evalf(12) for n in (0, 2))
    alpha = Convention.parse(convention).alpha
    assert abs(moment / mass - sp.Rational(1, 10) / (1 - sp.Rational(1, 10) * (1 + 2 * alpha))) < 1e-9
    assert abs(moment / mass - second_moment) < 5e-5


def test_one_dimensional_density_refuses_more_variables_and_no_noise():
    with pytest.raises(InvalidInput, match="detailed_balance_potential"):
        stationary_density_1d([-x, -y], sp.eye(2), (x, y), "ito")
    with pytest.raises(InvalidInput, match="D > 0"):
        stationary_density_1d(-x, 0, x, "ito")


@pytest.mark.parametrize("convention", list(Convention))
def test_potential_in_one_dimension_is_minus_log_of_the_density(convention):
    drift, diffusion = x - x**3, 1 + x**2
    potential = detailed_balance_potential(drift, diffusion, x, convention)
    ratio = sp.exp(-potential) / stationary_density_1d(drift, diffusion, x, convention)
    assert sp.simplify(sp.diff(sp.log(ratio), x)) == 0


def test_thermal_noise_has_the_landscape_over_temperature_for_potential():
    U = sp.Function("U")(x, y)
    assert detailed_balance_potential([-U.diff(x), -U.diff(y)], T * sp.eye(2), (x, y), "ito") == U / T


def test_state_dependent_matrix_noise_with_detailed_balance():
    """HK drift b = -D grad Phi has the potential Phi whatever D is; Ito then needs the drift div D as well."""
    potential = x**4 + x**2 * y**2 + sp.sin(y) + z**2
    d = sp.Matrix([[2 + x**2, y, 0], [y, 3 + y**2, 0], [0, 0, 1 + x**2]])
    variables = (x, y, z)
    drift = -d * sp.Matrix([potential.diff(v) for v in variables])
    found = detailed_balance_potential(drift, d, variables, "haenggi-klimontovich")
    assert sp.simplify(found - potential).free_symbols == set()
    divergence = sp.Matrix([sum(sp.diff(d[i, j], v) for j, v in enumerate(variables)) for i in range(3)])
    as_ito = detailed_balance_potential(drift + divergence, d, variables, "ito")
    assert sp.simplify(as_ito - potential).free_symbols == set()
    p = sp.exp(-found)
    assert sp.simplify(fokker_planck_operator(p, drift, d, variables, "hk") / p) == 0


def test_rotating_drift_is_refused_with_its_curl():
    with pytest.raises(RouteNotApplicable, match=r"curl .*2\*k/T.* no detailed balance"):
        detailed_balance_potential([-x - k * y, -y + k * x], T * sp.eye(2), (x, y), "ito")


def test_sgd_like_noise_proportional_to_the_hessian_of_a_non_separable_loss_is_refused():
    """D = H(x) with grad L: D^-1 (grad L + div D) is no gradient in general."""
    loss = (x**2 - 1) ** 2 / 4 + (1 + x**2) * y**2 / 2
    with pytest.raises(RouteNotApplicable, match="Hamilton-Jacobi"):
        detailed_balance_potential([-loss.diff(x), -loss.diff(y)], sp.diag(1 + x**2, 2 + x), (x, y), "ito")


def test_singular_diffusion_is_refused():
    with pytest.raises(RouteNotApplicable, match="det D = 0"):
        detailed_balance_potential([y, -x - y], sp.diag(0, T), (x, y), "ito")
