"""The published law as transcribed: where it is exact, and by how much its constant is off."""

import math

import pytest
import sympy as sp

import escapetime as et
from escapetime.errors import InvalidInput
from escapetime.exact import quadrature
from escapetime.theory import gardiner2009, xie2021


@pytest.mark.parametrize(("well", "saddle"), [(4, 1), (1, 4), (2, 3)])
def test_exponent_is_exact_on_two_parabolas_and_the_prefactor_is_not(well, saddle):
    barrier, lr, size = sp.Rational(1, 2), 0.025, 1
    model = et.landscapes.two_parabolas(well, saddle, barrier)
    process = et.sgd(model.landscape, lr=lr, batch_size=size, covariance=model.covariance)
    s = xie2021.two_parabola_path(well, saddle)
    published = xie2021.transition_time(well=well, saddle=saddle, barrier=barrier, lr=lr, batch_size=size, path=s)
    (time,) = quadrature.mean_exit_time(process, [0.0], et.Interval(-math.inf, 4), breakpoints=model.breakpoints)
    assert time / float(published) == pytest.approx(saddle / well, rel=0.08)
    assert abs(time / float(published) - 1) > 0.08  # the published constant fails the same check


def test_path_parameter_inverts_the_exponent():
    h_a, h_b, d, s = sp.symbols("h_a h_b d s", positive=True)
    climb = d * (s / h_a + (1 - s) / h_b)
    assert sp.simplify(xie2021.path_parameter(climb, well=h_a, saddle=h_b, barrier=d) - s) == 0


def test_path_parameter_of_real_data_leaves_the_unit_interval():
    model = et.landscapes.cauchy_location()
    left, top, _ = sorted(model.landscape.critical_points(), key=lambda p: p.point[0])
    sgd = et.sgd(model.landscape, lr=2.0, covariance=model.covariance)  # D = C_1
    s = xie2021.path_parameter(
        gardiner2009.quasipotential(sgd, left.point[0], top.point[0]),
        well=left.eigenvalues[0], saddle=-top.eigenvalues[0], barrier=top.value - left.value,
    )  # fmt: skip
    assert 1.0 < float(s) < 1.2


def test_equal_curvatures_leave_no_parameter():
    with pytest.raises(InvalidInput, match="no value of s"):
        xie2021.path_parameter(1, well=2, saddle=2, barrier=1)
