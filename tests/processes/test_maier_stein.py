"""Maier and Stein's process: detailed balance exactly where it should be."""

import numpy as np
import pytest
import sympy as sp

import escapetime as et
from escapetime.errors import InvalidInput


@pytest.mark.parametrize(("alpha", "mu"), [(1, 1), (2.5, 2.5), (10, 1), (1, 2)])
def test_it_is_a_gradient_exactly_where_alpha_is_mu(alpha, mu):
    process = et.maier_stein(diffusion=0.1, alpha=alpha, mu=mu)
    x, y = process.variables
    curl = sp.simplify(sp.diff(process.drift[0], y) - sp.diff(process.drift[1], x))
    assert (curl == 0) is (alpha == mu) is (process.landscape is not None)
    np.testing.assert_allclose(process.drift_at(np.array([(-1.0, 0.0), (0.0, 0.0), (1.0, 0.0)])), 0.0)
    if process.landscape is not None:
        assert sp.simplify(process.drift + process.landscape.gradient) == sp.zeros(2, 1)
        assert process.temperature == 0.1


def test_numbers_must_be_positive():
    with pytest.raises(InvalidInput, match="alpha"):
        et.maier_stein(diffusion=0.1, alpha=-1)
