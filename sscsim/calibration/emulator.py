"""Emulators: what a run would show at parameters that were not run, and how sure that is.

A Gaussian process (Rasmussen & Williams 2006) for each figure, on the logarithm where a figure is positive: a straight
line plus a smooth deviation whose length scales by parameter are estimated. Seeds are noise of known size: medians over
a few seeds scatter around the median over many, and the emulator is of the latter.
"""

from __future__ import annotations

import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any
from unittest import mock

import numpy as np

from sscsim.errors import InputError
from sscsim.types import Array

__all__ = ["Emulator", "Scale", "median_noise", "nothing_kept", "require"]


LEAST_NOISE = 1e-6
"""Noise as a share of the standard deviation of a figure over the design, below which the linear algebra fails."""

LENGTHS = (0.3, 100.0)
"""Range of the length scales in units of the prior's spread: from one that bends within it to one that does not."""

PRIOR_SEEDS = 8.0
"""Weight of the seeds' variance at all points, in seeds, when it is estimated at one."""

PIECE = 256
"""Points that a prepared mean works on at a time."""

MEDIAN_FACTOR = np.pi / 2
"""Variance of a median over that of a mean, for normal draws."""


@contextmanager
def nothing_kept() -> Iterator[None]:
    """Let ArviZ be imported without a trace, and where no cache can be written into.

    It keeps the day on which it last spoke of its next version in the user's cache; here in a folder that is thrown
    away.
    """
    if "arviz" in sys.modules:
        yield
        return
    import platformdirs

    with (
        tempfile.TemporaryDirectory() as folder,
        mock.patch.object(platformdirs, "user_cache_dir", return_value=folder),
        warnings.catch_warnings(),
    ):
        # What it says once a day, of its next version.
        warnings.simplefilter("ignore", FutureWarning)
        yield


def require(module: str, extra: str) -> Any:
    """Return an optional package.

    Raises
    ------
    InputError
        When it is not installed, with the command that installs it.
    """
    import importlib

    try:
        with nothing_kept() if module == "arviz" else nullcontext():
            return importlib.import_module(module)
    except ImportError:
        raise InputError(
            f"this needs the package {module.partition('.')[0]}, which is not installed",
            allowed=f"pip install 'sscsim[{extra}]'",
        ) from None


@dataclass(frozen=True)
class Scale:
    """The scale on which a figure is emulated: its logarithm if all that was seen is positive."""

    log: bool

    @classmethod
    def of(cls, observed: Array) -> Scale:
        """Return the scale for observations, NaN left out."""
        return cls(bool(np.all(observed[np.isfinite(observed)] > 0.0)))

    def forward(self, value: Any) -> Any:
        """Return a value on the scale; what a logarithm does not reach is minus infinity."""
        if not self.log:
            return np.asarray(value, dtype=np.float64)
        value = np.asarray(value, dtype=np.float64)
        inside = value > 0
        return np.where(inside, np.log(np.where(inside, value, 1.0)), -np.inf)

    def backward(self, value: Any) -> Any:
        """Return a value in the figure's unit."""
        return np.exp(value) if self.log else np.asarray(value, dtype=np.float64)


def median_noise(observed: Array) -> tuple[Array, float]:
    """Return how much medians over seeds scatter.

    The variance between seeds at a point, drawn towards the mean over points, since a few seeds say
    little of it.

    Parameters
    ----------
    observed
        ``(point, seed)``, on the emulator's scale, finite.

    Returns
    -------
    variance
        ``(point,)``, of the median at each point.
    pooled
        Variance of one seed, mean over points.
    """
    seeds = observed.shape[1]
    if seeds < 2:
        return np.zeros(len(observed)), 0.0
    each = observed.var(axis=1, ddof=1)
    pooled = float(each.mean())
    shrunk = (PRIOR_SEEDS * pooled + (seeds - 1) * each) / (PRIOR_SEEDS + seeds - 1)
    factor = MEDIAN_FACTOR if seeds > 2 else 1.0
    return factor * shrunk / seeds, pooled


SHAPE_POINTS = 400
"""Points from which length scales and the like are learned; what is predicted rests on all. Work grows with the cube of
their number, and some twenty numbers are known well enough from so many."""


class Emulator:
    """A Gaussian process with a linear trend through noisy observations of a smooth function.

    Parameters
    ----------
    inputs
        ``(point, parameter)``, in units of the priors' spread.
    outputs
        ``(point,)``, on the scale of the emulator.
    noise
        ``(point,)``, variance of each output around the function.
    active
        Places of the parameters that move the output; by default all. The others are not looked at:
        a few dozen points say little about the shape of a function of thirty parameters, and enough
        about one of five.

    Attributes
    ----------
    explained
        Share of the outputs' variance that predictions of left-out points explain; may exceed what
        noise leaves to explain by chance, and is negative for an emulator worse than the mean.
    covered
        Share of left-out points within three standard deviations of their prediction.
    nugget
        Variance, on the emulator's scale, that outputs have beyond `noise` and the function: what inputs that are not
        looked at add, and detail too fine to be seen.
    """

    def __init__(
        self,
        inputs: Array,
        outputs: Array,
        noise: Array,
        active: Sequence[int] | None = None,
    ) -> None:
        require("sklearn", "calibration")
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.gaussian_process import GaussianProcessRegressor
        from sklearn.gaussian_process.kernels import (
            RBF,
            ConstantKernel,
            DotProduct,
            WhiteKernel,
        )
        from threadpoolctl import threadpool_limits

        self._active = slice(None) if active is None else np.array(active, dtype=np.intp)
        inputs = inputs[:, self._active]
        self._centre = float(outputs.mean())
        spread = float(outputs.std())
        self.constant = spread <= 1e-12 * max(1.0, abs(self._centre))
        self._spread = 1.0 if self.constant else spread
        self.explained, self.covered, self.nugget = 1.0, 1.0, 0.0
        if self.constant:
            return
        y = (outputs - self._centre) / self._spread
        alpha = noise / self._spread**2 + LEAST_NOISE**2
        dimensions = inputs.shape[1]
        kernel = (
            ConstantKernel(0.1, (1e-6, 1e2)) * RBF(np.full(dimensions, 2.0), LENGTHS)
            + ConstantKernel(0.1, (1e-6, 1e2)) * DotProduct(1.0, (1e-2, 1e2))
            + WhiteKernel(1e-4, (1e-10, 1.0))
        )
        # Evenly over the points, which stand in the order of their waves.
        some = np.unique(np.linspace(0, len(y) - 1, min(len(y), SHAPE_POINTS)).astype(np.intp))
        process = GaussianProcessRegressor(kernel, alpha=alpha[some], n_restarts_optimizer=0)
        # Several threads add in another order: the same fit must give the same bytes.
        with threadpool_limits(limits=1), warnings.catch_warnings():
            # A length scale at its bound says that a parameter does nothing, as many do.
            warnings.simplefilter("ignore", ConvergenceWarning)
            process.fit(inputs[some], y[some])
            if len(some) < len(y):
                shape = process.kernel_
                process = GaussianProcessRegressor(shape, alpha=alpha, optimizer=None)
                process.fit(inputs, y)
        self._process = process
        self._nugget = float(process.kernel_.k2.noise_level)
        self.nugget = self._spread**2 * self._nugget
        self._check(y)

    def _check(self, y: Array) -> None:
        # Leave-one-out predictions in closed form (Rasmussen & Williams 2006, equation 5.12).
        from scipy.linalg import cho_solve

        lower = self._process.L_
        inverse = cho_solve((lower, True), np.eye(len(y)))
        diagonal = np.diag(inverse)
        miss = (inverse @ y) / diagonal
        self.explained = float(1.0 - (miss**2).mean() / y.var())
        self.covered = float((np.abs(miss) <= 3.0 * np.sqrt(1.0 / diagonal)).mean())

    def predict(self, inputs: Array, *, chunk: int = 2048) -> tuple[Array, Array]:
        """Return mean and variance of the function, seeds' noise left out, ``(point,)`` each."""
        if self.constant:
            return np.full(len(inputs), self._centre), np.zeros(len(inputs))
        from threadpoolctl import threadpool_limits

        inputs = inputs[:, self._active]
        means, variances = [], []
        with threadpool_limits(limits=1), warnings.catch_warnings():
            # A variance below zero is rounding, and is set to zero.
            warnings.simplefilter("ignore", UserWarning)
            for start in range(0, len(inputs), chunk):
                mean, sd = self._process.predict(inputs[start : start + chunk], return_std=True)
                means.append(mean)
                variances.append(np.maximum(sd**2 - self._nugget, 0.0))
        mean, variance = np.concatenate(means), np.concatenate(variances)
        return self._centre + self._spread * mean, self._spread**2 * variance

    def mean(self, inputs: Array) -> Array:
        """Return the mean of the function alone, ``(point,)``: a tenth of the work."""
        if self.constant:
            return np.full(len(inputs), self._centre)
        predicted = np.asarray(self._process.predict(inputs[:, self._active]), dtype=np.float64)
        return self._centre + self._spread * predicted

    def prepared(self) -> Callable[[Array], Array]:
        """Return `mean` as a function that does not work out anew what no point changes: for very many points."""
        if self.constant:
            return lambda inputs: np.full(len(inputs), self._centre)
        smooth, trend = self._process.kernel_.k1.k1, self._process.kernel_.k1.k2
        weights = np.asarray(self._process.alpha_, dtype=np.float64).reshape(-1)
        seen = np.asarray(self._process.X_train_, dtype=np.float64)
        lengths = np.asarray(smooth.k2.length_scale, dtype=np.float64)
        scaled = seen / lengths
        half = 0.5 * (scaled**2).sum(axis=1)
        height = float(smooth.k1.constant_value) * weights
        steep = float(trend.k1.constant_value)
        slope = steep * (weights @ seen)
        level = steep * float(trend.k2.sigma_0) ** 2 * float(weights.sum())

        def mean(inputs: Array) -> Array:
            own = inputs[:, self._active]
            at = own / lengths
            smoothly = np.empty(len(at))
            # In pieces that a processor keeps near, and in place: arrays of a million exponentials take longer to move.
            for first in range(0, len(at), PIECE):
                piece = at[first : first + PIECE]
                # The exponent of a Gaussian kernel, -|a - b|²/2, by one product of matrices.
                exponent = piece @ scaled.T
                exponent -= half
                exponent -= 0.5 * (piece**2).sum(axis=1)[:, None]
                smoothly[first : first + PIECE] = np.exp(exponent, out=exponent) @ height
            return np.asarray(self._centre + self._spread * (smoothly + own @ slope + level))

        return mean
