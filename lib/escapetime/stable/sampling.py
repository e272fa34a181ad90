r"""Drawing from the symmetric stable law: one number to a counter, float64 inside, the same on every device."""

from __future__ import annotations

import importlib.util
import math
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple

import torch
from numpy.typing import ArrayLike

from escapetime.errors import DeviceUnavailable, EscapeTimeWarning, InvalidInput
from escapetime.stable import bits
from escapetime.stable._checks import positive, stability
from escapetime.stable.constants import tail_constant
from escapetime.stable.levy_measure import mixing_matrix
from escapetime.stable.recipes import Recipe, root_of_positive, symmetric

_PART = 1 << 18  # numbers in memory at once as float64
_LARGEST = 1.7e308


def sample(
    alpha: float,
    shape: int | Sequence[int],
    *,
    scale: float = 1.0,
    kind: str = "independent",
    matrix: ArrayLike | None = None,
    seed: int = 0,
    start: int = 0,
    dtype: torch.dtype = torch.float64,
    device: str | torch.device = "cpu",
) -> torch.Tensor:
    r"""Draw from the symmetric stable law with characteristic function :math:`e^{-|\sigma t|^\alpha}`.

    Parameters
    ----------
    alpha : float
        Stability index in (0, 2]; 2 is Gaussian with variance ``2 scale**2``, 1 is Cauchy.
    shape : int or sequence of int
        Of the result. For vectors (isotropic, mixing) its last entry is the dimension d.
    scale : float
        Scale :math:`\sigma`, in the unit of the result.
    kind : str
        ``"independent"``: every entry on its own. ``"isotropic"``: vectors with
        :math:`E e^{i\langle t, X\rangle} = e^{-\|\sigma t\|^\alpha}`, a normal vector times the root of a positive
        stable number. ``"mixing"``: `matrix` times a vector of independent ones.
    matrix : array_like, shape (d, k), optional
        Only for mixing.
    seed : int
        ``0 <= seed < 2**64``.
    start : int
        Number of the first draw (of the first vector), to go on where an earlier call ended.
    dtype : torch.dtype
        ``torch.float64`` or ``torch.float32``.
    device : str or torch.device
        Where the draws are made and stay.

    Returns
    -------
    torch.Tensor
        Of that shape. The same on every device, up to rounding.

    Raises
    ------
    InvalidInput
        If an argument is outside its range, or a matrix is missing or not wanted. A device that is not there raises
        DeviceUnavailable.

    Warns
    -----
    EscapeTimeWarning
        If a value did not fit the type and the largest number that does was put for it (the sign stays).

    Notes
    -----
    Numbers are made in float64 from uniforms with steps of 2**-52 and cast at the end, so that in float32 too the tail
    is right down to probabilities of 1e-12; a float32 uniform with steps of 2**-24 ends it at about 1e-7 and gives nan
    or infinity a few times in 1e8. Every value is finite. In float32 a value beyond 3.4e38 is clamped: with
    ``alpha >= 0.5`` that happens less than once in 1e19 draws; for ``alpha < 0.1`` float64 clamps as well. Squares
    overflow earlier: beyond 1.8e19 in float32.

    References
    ----------
    Chambers, Mallows and Stuck 1976 (``chambers1976``); Kanter 1975 (``kanter1975``).

    Examples
    --------
    >>> x = sample(1.0, 100_001, scale=3.0, seed=1)
    >>> 2.9 < float(x.abs().median()) < 3.1  # the median size of the Cauchy law is its scale
    True
    >>> bool((x[1000:] == sample(1.0, 99_001, scale=3.0, seed=1, start=1000)).all())
    True
    """
    index, unit, columns = stability(alpha), positive(scale, "the scale"), mixing_matrix(matrix, kind)
    size, place = _shape(shape, kind, columns), _place(device)
    if dtype not in (torch.float64, torch.float32):
        raise InvalidInput(f"Expected dtype torch.float64 or torch.float32, got {dtype}: cast the result yourself.")
    if not 0 <= seed < 1 << 64 or not 0 <= start < 1 << 62:
        raise InvalidInput(f"Expected 0 <= seed < 2**64 and 0 <= start < 2**62, got seed={seed} and start={start}.")
    if kind == "independent":
        out = _numbers(symmetric(index, unit), math.prod(size), bits.SYMMETRIC, seed, start, dtype, place).view(size)
    else:
        out = torch.empty(size, dtype=dtype, device=place)
        rows = out.view(-1, size[-1])
        step = max(1, _PART // max(size[-1], 1 if columns is None else columns.shape[1]))
        mixing = None if columns is None else torch.as_tensor(columns, device=place).mT
        for begin in range(0, len(rows), step):
            part = rows[begin : begin + step]
            if mixing is None:
                part.copy_(_clamped(_isotropic(index, unit, part.shape, seed, start + begin, place), dtype))
            else:
                part.copy_(_clamped(_mixed(index, unit, mixing, len(part), seed, start + begin, place), dtype))
    _tell(out, index, unit * (1.0 if columns is None else max(1.0, float(abs(columns).sum()))))
    return out


def _isotropic(
    alpha: float, scale: float, shape: torch.Size, seed: int, start: int, device: torch.device
) -> torch.Tensor:
    count, d = shape
    first = start * d  # number of the first normal; pairs are begun at an even one
    pairs = (first % 2 + count * d + 1) // 2
    noise = _normals(first // 2, pairs, seed, device)[first % 2 :][: count * d].view(count, d)
    if alpha == 2:
        return noise.mul_(math.sqrt(2) * scale)
    radius = _numbers(root_of_positive(alpha, scale), count, bits.RADIUS, seed, start, torch.float64, device)
    return noise.mul_(radius[:, None])


def _mixed(
    alpha: float, scale: float, mixing: torch.Tensor, count: int, seed: int, start: int, device: torch.device
) -> torch.Tensor:
    k = len(mixing)
    recipe = symmetric(alpha, scale)
    sources = _numbers(recipe, count * k, bits.SYMMETRIC, seed, start * k, torch.float64, device).view(count, k)
    # the sum must not overflow: what comes near is set to the largest number, and so told
    sizes = mixing.abs()
    bound = _LARGEST / max(1.0, float(sizes.sum(0).max()))
    out = sources.clamp_(-bound, bound) @ mixing
    near = bound * float(sizes[sizes > 0].min()) if bool(sizes.any()) else bound
    return torch.where(out.abs() >= 0.999 * near, torch.sign(out) * _LARGEST, out)


def _numbers(
    recipe: Recipe, count: int, use: int, seed: int, start: int, dtype: torch.dtype, device: torch.device
) -> torch.Tensor:
    largest = min(_LARGEST, float(torch.finfo(dtype).max))
    out = torch.empty(count, dtype=dtype, device=device)
    if _compiled(device):
        from escapetime.stable.kernel import fill

        array, key = out.numpy(), (seed & 0xFFFFFFFF, seed >> 32)
        *angles, signs = astuple(recipe)
        _in_threads(count, lambda a, b: fill(array[a:b], start + a, use, *key, *angles, largest, signs))
    else:
        for a in range(0, count, _PART):
            some = min(_PART, count - a)
            out[a : a + some] = bits.numbers(recipe, start + a, some, use, seed, device, largest)
    return out


def _normals(first: int, pairs: int, seed: int, device: torch.device) -> torch.Tensor:
    if not _compiled(device):
        return bits.normals(first, pairs, seed, device)
    from escapetime.stable.kernel import fill_normals

    out = torch.empty(2 * pairs, dtype=torch.float64)
    fill_normals(out.numpy(), first, bits.NORMALS, seed & 0xFFFFFFFF, seed >> 32)
    return out


def _compiled(device: torch.device) -> bool:
    return device.type == "cpu" and importlib.util.find_spec("numba") is not None


def _in_threads(count: int, work: Callable[[int, int], None]) -> None:
    # the compiled loop lets go of the interpreter's lock
    threads = min(torch.get_num_threads(), count // _PART)
    if threads < 2:
        work(0, count)
        return
    edges = [count * k // threads for k in range(threads + 1)]
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, edges[:-1], edges[1:]))


def _clamped(values: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    largest = float(torch.finfo(dtype).max)
    return values.clamp_(-largest, largest)


def _tell(out: torch.Tensor, alpha: float, scale: float) -> None:
    # looked at only where it can happen at all, since looking takes as long as drawing
    largest = torch.finfo(out.dtype).max
    if alpha < 2 and out.numel() * tail_constant(alpha) * (scale / largest) ** alpha > 1e-9:
        count = int((out.abs() >= (largest if out.dtype == torch.float32 else _LARGEST)).sum())
        if count:
            warnings.warn(
                f"{count} of {out.numel()} stable numbers (alpha = {alpha:g}) did not fit "
                f"{out.dtype} and were set to its largest, {largest:.2g}: their law is cut there.",
                EscapeTimeWarning,
                stacklevel=3,
            )


def _shape(shape: int | Sequence[int], kind: str, columns: object) -> tuple[int, ...]:
    size = (int(shape),) if isinstance(shape, int) else tuple(int(n) for n in shape)
    if any(n < 0 for n in size):
        raise InvalidInput(f"Expected a shape without negative entries, got {size}.")
    if kind != "independent" and not (size and size[-1] > 0):
        raise InvalidInput(f"Expected a shape that ends in the dimension of the vectors, got {size}.")
    if columns is not None and size[-1] != len(columns):  # type: ignore[arg-type]
        raise InvalidInput(
            f"Expected a shape that ends in the number of rows of the matrix, {len(columns)}; "  # type: ignore[arg-type]
            f"got {size}."
        )
    return size


def _place(device: str | torch.device) -> torch.device:
    try:
        place = torch.device(device)
        torch.empty(0, device=place)
    except (RuntimeError, AssertionError) as error:
        raise DeviceUnavailable(f"Expected a device of this machine, got {device!r}: {error}.") from error
    return place
