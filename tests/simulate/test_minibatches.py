"""Literal minibatches: the law of the draws, quadratic losses in closed form, and bookkeeping."""

import math

import numpy as np
import pytest
import sympy as sp

import escapetime as et
from escapetime.errors import InvalidInput
from escapetime.simulate import minibatches
from tests.statistics import assert_agrees, assert_control_fails

t, x = sp.symbols("theta x", real=True)
DATA = np.array([-2.0, -0.5, 0.0, 1.0, 1.5])
QUADRATIC = et.SampleLoss((t - x) ** 2 / 2, (x,), samples=DATA)
WIDE = et.Interval(-50, 50)


class Recorder(et.SampleLoss):
    """Keeps the batches it is asked for."""

    def batch_gradient(self, theta, batch):
        self.seen = [*getattr(self, "seen", []), batch.copy()]
        return super().batch_gradient(theta, batch)


def batches(sampling, size, steps=200, paths=50):
    loss = Recorder(QUADRATIC.expression, (x,), samples=DATA)
    minibatches.first_passage(loss, 0.0, WIDE, lr=0.1, batch_size=size, paths=paths, max_steps=steps, sampling=sampling)
    return np.array(loss.seen)  # steps, paths, size


def test_samples_are_drawn_as_said():
    assert all(len(set(row)) == 3 for row in batches("distinct", 3).reshape(-1, 3))
    epochs = batches("reshuffled", 1).transpose(1, 0, 2).reshape(50, 40, 5)
    assert (np.sort(epochs, axis=-1) == np.arange(5)).all()
    assert any(len(set(row)) < 3 for row in batches("independent", 3).reshape(-1, 3))
    for sampling in minibatches.SAMPLING:
        counts = np.bincount(batches(sampling, 2).ravel(), minlength=5)
        assert np.abs(counts / counts.sum() - 0.2).max() < 0.02


def test_stationary_variance_of_each_way_of_drawing():
    # theta' = (1 - lr) theta + lr (batch mean): lr Var / (2 - lr) / B, times (N - B) / (N - 1) for distinct samples
    lr, size, paths = 0.2, 2, 20_000
    base = lr / (2 - lr) * DATA.var() / size
    for sampling, factor in (("independent", 1.0), ("distinct", 3 / 4)):
        captured = Recorder(QUADRATIC.expression, (x,), samples=DATA)
        final = {}

        def keep(theta, batch, final=final, captured=captured):
            final["theta"] = theta
            return et.SampleLoss.batch_gradient(captured, theta, batch)

        captured.batch_gradient = keep
        minibatches.first_passage(
            captured, 0.0, WIDE, lr=lr, batch_size=size, paths=paths, max_steps=80, sampling=sampling, seed=3
        )
        values = (final["theta"][:, 0] - DATA.mean()) ** 2
        error = values.std() / math.sqrt(paths)
        assert_agrees(values.mean(), error, factor * base)
        assert_control_fails(values.mean(), error, 1.1 * factor * base)


def test_weights_are_probabilities():
    loss = et.SampleLoss(x * t, (x,), samples=[-1, 1], weights=[0.2, 0.8])
    out = minibatches.first_passage(loss, 0.0, et.Interval(-0.5, 0.5), lr=1, batch_size=1, paths=20_000, max_steps=3)
    left = (out.points[:, 0] < 0).mean()
    assert_agrees(left, math.sqrt(0.16 / 20_000), 0.8)
    assert_control_fails(left, math.sqrt(0.16 / 20_000), 0.76)
    assert out.face_counts == {name: int((out.face == k).sum()) for k, name in enumerate(out.face_names)}


def test_cut_paths_say_so():
    out = minibatches.first_passage(QUADRATIC, 0.0, et.Interval(-1, 1), lr=0.5, batch_size=1, paths=600, max_steps=2)
    assert out.censored.sum() + out.observed.sum() == 600
    assert 0 < out.censored.sum() < 600
    assert (out.times[out.censored] == 1.0).all()
    assert np.isnan(out.points[out.censored]).all()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"sampling": "random"}, "'reshuffled'"),
        ({"batch_size": 6, "sampling": "distinct"}, "from 1 to 5"),
        ({"start": 60.0}, "inside"),
        ({"loss": et.SampleLoss(x * t, (x,))}, "finite data set"),
        ({"loss": et.SampleLoss(x * t, (x,), samples=[1, 2], weights=[0.1, 0.9]), "sampling": "distinct"}, "unequal"),
    ],
)
def test_bad_input(options, says):
    given = {"loss": QUADRATIC, "start": 0.0, "domain": WIDE, "lr": 0.1, "batch_size": 1, "paths": 2, "max_steps": 2}
    with pytest.raises(InvalidInput, match=says):
        minibatches.first_passage(**{**given, **options})
