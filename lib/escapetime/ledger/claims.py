"""One claim and its verdict, and the rule that ties the two to the numbers."""

import math
import re
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from escapetime.errors import InvalidInput
from escapetime.references import entry

DERIVED = "derived here"  # in place of a bibliography key

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


class Verdict(Enum):
    """What the measurement says about a published statement."""

    HOLDS = "holds"
    HOLDS_IN_REGIME = "holds in regime"
    WRONG_CONSTANT = "wrong constant"
    REFUTED = "refuted"
    CORRECTED = "corrected"

    @classmethod
    def _missing_(cls, value: object) -> "Verdict":
        words = re.sub(r"[-_ ]+", " ", value.lower()) if isinstance(value, str) else value
        for verdict in cls:
            if verdict.value == words:
                return verdict
        raise InvalidInput(f"a verdict is one of {', '.join(repr(v.value) for v in cls)}; got {value!r}.")


@dataclass(frozen=True)
class Claim:
    """A statement, what it predicts, what was measured, and the verdict; made by :meth:`Ledger.record`.

    Attributes
    ----------
    identity : str
        Lower-case words joined by hyphens, one claim each in the whole book, such as ``"kramers-exit-half"``.
    chapter : str
        The file name of the chapter, without its ending.
    statement : str
        The claim in a sentence; mathematics between dollar signs.
    source : str
        Bibliography key, or ``"derived here"``.
    locator : str
        Where in the source: a section, theorem or equation number.
    transcribed : bool
        True where the wording has not been checked against the source.
    predicted : float
        What the source predicts, in ``unit``.
    measured : float
        What was measured or computed, same unit.
    verdict : Verdict
        What the numbers say.
    interval : tuple of float, optional
        Confidence interval of ``measured``, same unit, at confidence ``level``; an end may be infinite.
    level : float, optional
        The confidence level of ``interval``.
    tolerance : float, optional
        For a deterministic number instead of an interval: its error bound, absolute, same unit.
    regime : str, optional
        For "holds in regime": where it holds, in words.
    corrected : float, optional
        What the corrected statement predicts, same unit.
    unit : str
        Unit of all numbers; empty if they are dimensionless.
    note : str
        Anything a reader must know besides.
    anchor : str
        Where on the chapter's page the claim is argued; by default its row of the table.
    digits : int
        Significant digits that ``measured`` and ``interval`` are shown and stored with.
    """

    identity: str
    chapter: str
    statement: str
    source: str
    predicted: float
    measured: float
    verdict: Verdict
    interval: tuple[float, float] | None = None
    level: float | None = None
    tolerance: float | None = None
    regime: str | None = None
    corrected: float | None = None
    locator: str = ""
    transcribed: bool = False
    unit: str = ""
    note: str = ""
    anchor: str = ""
    digits: int = 4

    def __post_init__(self) -> None:
        if not (isinstance(self.identity, str) and _SLUG.fullmatch(self.identity)):
            raise InvalidInput(
                f"a claim's identity is lower-case words and digits joined by hyphens, such as 'kramers-exit-half'; "
                f"got {self.identity!r}."
            )
        if not self.statement.strip():
            raise InvalidInput(f"{self.identity} has an empty statement: say in a sentence what is claimed.")
        if self.source != DERIVED:
            entry(self.source)
        object.__setattr__(self, "anchor", self.anchor or f"claim-{self.identity}")
        self._check_numbers()
        self._check_verdict()

    @property
    def bounds(self) -> tuple[float, float]:
        """The two ends within which the measurement allows the truth to lie, in ``unit``."""
        if self.interval is not None:
            return self.interval
        assert self.tolerance is not None
        return self.measured - self.tolerance, self.measured + self.tolerance

    @property
    def href(self) -> str:
        """Address of the claim in the rendered book, relative to the pages of the chapters."""
        return f"{self.chapter}.html#{self.anchor}"

    def allows(self, value: float) -> bool:
        """Whether a predicted value is compatible with the measurement.

        Parameters
        ----------
        value : float
            A value in ``unit``.

        Returns
        -------
        bool
            True within the interval, ends included.
        """
        low, high = self.bounds
        # a tolerance of 0.1 allows 0.3 for 0.2, whatever their binary forms say
        rounding = 0.0 if self.tolerance is None else 4e-16 * max(abs(value), abs(self.measured))
        return low - rounding <= value <= high + rounding

    def rounded(self) -> "Claim":
        """The claim with its numbers at ``digits`` significant digits, or as many more as its verdict needs.

        Returns
        -------
        Claim
            What is shown and stored: a printed row supports its own verdict, and rounding moves the measurement by less
            than its error (a tenth of the interval, or the tolerance).
        """
        low, high = self.bounds
        slack = (high - low) / 10.0 if self.tolerance is None else self.tolerance
        for digits in range(self.digits, 17):
            try:
                row = replace(self, digits=digits, **{name: _round(getattr(self, name), digits) for name in _NUMBERS})
            except InvalidInput:  # at this many digits the numbers contradict the verdict
                continue
            moved = [abs(row.measured - self.measured)]
            if row.interval is not None and self.interval is not None:
                moved += [abs(a - b) for a, b in zip(row.interval, self.interval, strict=True) if math.isfinite(a)]
            if max(moved) <= slack:
                return row
        return replace(self, digits=17)

    def _check_numbers(self) -> None:
        for name in ("predicted", "measured", *(n for n in ("corrected", "tolerance") if getattr(self, n) is not None)):
            object.__setattr__(self, name, finite(getattr(self, name), f"{name} of {self.identity}"))
        if (self.interval is None) == (self.tolerance is None):
            raise InvalidInput(
                f"{self.identity} needs exactly one measure of error: an interval (or stderr) if the measurement is "
                "statistical, a tolerance if it is deterministic."
            )
        if self.tolerance is not None and self.tolerance < 0.0:
            raise InvalidInput(f"the tolerance of {self.identity} must not be negative; got {self.tolerance}.")
        if self.interval is not None:
            low, high = (float(end) for end in self.interval)
            object.__setattr__(self, "interval", (low, high))
            if not low <= self.measured <= high:
                raise InvalidInput(f"the interval [{low}, {high}] of {self.identity} does not hold {self.measured}.")
            if self.level is None or not 0.0 < self.level < 1.0:
                raise InvalidInput(f"say at which level between 0 and 1 {self.identity} has its interval, level=0.99.")

    def _check_verdict(self) -> None:
        kind, published = self.verdict, self.allows(self.predicted)
        holds = kind in {Verdict.HOLDS, Verdict.HOLDS_IN_REGIME}
        low, high = self.bounds
        numbers = f"predicted {self.predicted:.6g}, measured {self.measured:.6g} within [{low:.6g}, {high:.6g}]"
        if holds != published:
            way_out = (
                "If the prediction is wrong, say so with another verdict; never widen the interval to fit."
                if holds
                else "If it holds after all, say so; if the data cannot tell, measure better."
            )
            raise InvalidInput(f"the numbers contradict {self.identity} = '{kind.value}': {numbers}. {way_out}")
        if (kind is Verdict.HOLDS_IN_REGIME) != (self.regime is not None):
            raise InvalidInput(f"a regime goes with 'holds in regime' and with nothing else: see {self.identity}.")
        if kind is Verdict.CORRECTED and self.corrected is None:
            raise InvalidInput(f"{self.identity} = 'corrected' needs the corrected value; without one it is 'refuted'.")
        if self.corrected is not None:
            if kind not in {Verdict.CORRECTED, Verdict.WRONG_CONSTANT}:
                raise InvalidInput(f"{self.identity} = '{kind.value}' takes no corrected value; use 'corrected'.")
            if not self.allows(self.corrected):
                raise InvalidInput(
                    f"the correction of {self.identity} fails too: {self.corrected:.6g} against {numbers}."
                )


_NUMBERS = ("predicted", "measured", "corrected", "interval", "tolerance")


def finite(value: Any, name: str) -> float:
    """Return a number as a finite float.

    Parameters
    ----------
    value : float or sympy.Expr
        A number of any type that converts to float.
    name : str
        What the number is, for the message.

    Returns
    -------
    float
        The number.

    Raises
    ------
    InvalidInput
        If it is not a number, or not finite.
    """
    try:
        number = float(value)
    except (TypeError, ValueError) as error:
        raise InvalidInput(f"{name} must be a number; got {value!r}. Substitute values for its symbols.") from error
    if not math.isfinite(number):
        raise InvalidInput(f"{name} must be finite; got {number}.")
    return number


def _round(value: Any, digits: int) -> Any:
    if isinstance(value, tuple):
        return tuple(_round(end, digits) for end in value)
    return float(f"{value:.{digits}g}") if value is not None else None
