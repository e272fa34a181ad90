"""The suite's statistical checks, and the one false-positive budget that all of them share.

A correct library fails a run of the suite by chance with probability at most ``SUITE``, were the seeds not frozen. Each
check below spends ``PER_TEST`` of it (a union bound, so dependence between checks does not matter), and a run that
spends more than the whole fails. Controls spend nothing: they show that a check can fail, and are asserted to.

Nothing here uses `escapetime.stats`: what tests the library must not lean on it.
"""

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import bdtr, bdtrc, ndtri

SUITE = 1e-3
PER_TEST = 4e-6

_spent = 0.0


def spent() -> float:
    """Return the false-positive probability that this process has spent so far."""
    return _spent


def _spend(alpha: float) -> None:
    global _spent
    _spent += alpha
    assert _spent <= SUITE * (1 + 1e-9), (
        f"the statistical checks of this run have spent {_spent:.2e}, more than the suite's budget of {SUITE:g}: "
        "merge checks (arrays count once), or lower PER_TEST for all"
    )


def _z(measured: ArrayLike, stderr: ArrayLike, expected: ArrayLike, bias: float) -> np.ndarray:
    error = np.asarray(stderr, dtype=float)
    assert np.isfinite(error).all(), f"standard error {stderr} is not finite: nothing can be checked"
    assert (error > 0).all(), f"standard error {stderr} is not positive: compare exact numbers with a tolerance"
    excess = np.abs(np.asarray(measured, dtype=float) - np.asarray(expected, dtype=float)) - bias
    return np.maximum(excess, 0.0) / error


def agrees(
    measured: ArrayLike, stderr: ArrayLike, expected: ArrayLike, alpha: float = PER_TEST, *, bias: float = 0.0
) -> bool:
    """Whether Gaussian estimates agree with what is expected of them, all entries together, at level `alpha`.

    `bias` is a bound on the systematic error that the test has derived beforehand, never one fitted to pass.
    """
    z = _z(measured, stderr, expected, bias)
    return bool((z <= -ndtri(alpha / 2 / z.size)).all())


def assert_agrees(
    measured: ArrayLike, stderr: ArrayLike, expected: ArrayLike, alpha: float = PER_TEST, *, bias: float = 0.0
) -> None:
    """Assert that estimates agree with what is expected; spends `alpha`."""
    _spend(alpha)
    z = _z(measured, stderr, expected, bias)
    assert agrees(measured, stderr, expected, alpha, bias=bias), (
        f"measured {measured} +- {stderr}, expected {expected}: off by {z.max():.1f} standard errors, "
        f"{-ndtri(alpha / 2 / z.size):.1f} allowed"
    )


def assert_control_fails(
    measured: ArrayLike, stderr: ArrayLike, wrong: ArrayLike, alpha: float = PER_TEST, *, bias: float = 0.0
) -> None:
    """Assert that the same check rejects a value known to be wrong: otherwise it could not have failed."""
    z = _z(measured, stderr, wrong, bias)
    assert not agrees(measured, stderr, wrong, alpha, bias=bias), (
        f"the check has no power: measured {measured} +- {stderr} also agrees with the wrong {wrong} ({z.max():.1f} "
        "standard errors away); take more samples"
    )


def covers(hits: int, trials: int, level: float, alpha: float = PER_TEST, *, at_least: bool = False) -> bool:
    """Whether intervals that held the truth `hits` times in `trials` have this coverage (or at least this one)."""
    too_few = float(bdtr(hits, trials, level))
    if at_least:
        return too_few >= alpha
    too_many = float(bdtrc(hits - 1, trials, level)) if hits else 1.0
    return min(too_few, too_many) >= alpha / 2


def assert_covers(hits: int, trials: int, level: float, alpha: float = PER_TEST, *, at_least: bool = False) -> None:
    """Assert the coverage of an interval; spends `alpha`."""
    _spend(alpha)
    assert covers(hits, trials, level, alpha, at_least=at_least), (
        f"{hits} of {trials} intervals held the truth ({hits / trials:.4f}), not compatible with "
        f"{'at least ' if at_least else ''}{level}"
    )


def assert_miscovers(hits: int, trials: int, level: float, alpha: float = PER_TEST, *, at_least: bool = False) -> None:
    """Assert that the same check rejects the coverage of an interval known to be wrong."""
    assert not covers(hits, trials, level, alpha, at_least=at_least), (
        f"the check has no power: {hits} of {trials} is still compatible with {level}; take more repetitions"
    )


def assert_not_rejected(p_value: float, alpha: float = PER_TEST) -> None:
    """Assert that a test of a true hypothesis does not reject it; spends `alpha`."""
    _spend(alpha)
    assert p_value >= alpha, f"p = {p_value:.2e} rejects at {alpha:g} what should be true"


def assert_rejected(p_value: float, alpha: float = PER_TEST) -> None:
    """Assert that the same test rejects a hypothesis known to be wrong."""
    assert p_value < alpha, f"the test has no power: p = {p_value:.2e} does not reject at {alpha:g} what is wrong"
