"""The stable law in as many digits as it takes: series that converge for every x, and Fourier's integral."""

import mpmath as mp


def by_series(alpha, x):
    """P(X > x) and the density: the central series for alpha > 1, the tail's for alpha < 1, summed until they hold."""
    for digits in (50, 100, 200, 400, 800):
        with mp.workdps(digits):
            tail, density, largest = _sum(mp.mpf(alpha), mp.mpf(x))
            if digits - mp.log10(largest / min(abs(tail), abs(density))) > 25:
                return float(tail), float(density)
    raise AssertionError(f"the series at alpha={alpha}, x={x} needs more digits")


def _sum(alpha, x):
    tail = density = largest = previous = mp.mpf(0)
    k = 0 if alpha > 1 else 1
    while True:
        sign = -1 if k % 2 else 1
        if alpha > 1:
            size = mp.gamma((2 * k + 1) / alpha) * x ** (2 * k) / mp.factorial(2 * k) / (mp.pi * alpha)
            tail, density = tail - sign * size * x / (2 * k + 1), density + sign * size
        else:
            size = mp.gamma(alpha * k) / mp.factorial(k) * x ** (-alpha * k) / mp.pi
            term = -sign * size * mp.sin(mp.pi * alpha * k / 2)
            tail, density = tail + term, density + term * alpha * k / x
            size *= max(1, alpha * k / x)
        largest, k = max(largest, size), k + 1
        if size < previous and size < largest * mp.mpf(10) ** -mp.mp.dps:
            return (tail + mp.mpf(1) / 2 if alpha > 1 else tail), density, largest
        previous = size


def by_fourier(alpha, x):
    """P(X > x) and the density from the characteristic function, half a period of the oscillation after the other."""
    with mp.workdps(25):
        a, at = mp.mpf(alpha), mp.mpf(x)
        end = mp.mpf(60) ** (1 / a)
        points = [k * mp.pi / at for k in range(int(end * at / mp.pi) + 2)]
        density = mp.quad(lambda t: mp.cos(t * at) * mp.exp(-(t**a)), points) / mp.pi
        within = mp.quad(lambda t: mp.sin(t * at) / t * mp.exp(-(t**a)) if t else at, points) / mp.pi
        return float(mp.mpf(1) / 2 - within), float(density)
