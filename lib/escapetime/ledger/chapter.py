"""The ledger of one chapter: rows are recorded, checked, and shown as a table."""

import re
from collections.abc import Iterator, Mapping
from statistics import NormalDist
from typing import Any

from escapetime.errors import InvalidInput
from escapetime.ledger import rendering, storage
from escapetime.ledger.claims import DERIVED, Claim, Verdict, finite


class Ledger:
    """The claims of one chapter; shown as the last expression of a cell it is the chapter's table.

    Parameters
    ----------
    chapter : str
        File name of the chapter without its ending, such as ``"kramers"``.
    level : float
        Confidence level of the rows that do not state one. The default is stricter than the usual 95 %, because a
        book has many rows: of a hundred true ones, five would be called wrong. Fix it before looking.
    digits : int
        Significant digits shown and stored.

    Raises
    ------
    InvalidInput
        If the chapter's name is not a file name, or level or digits are out of range.

    Examples
    --------
    >>> ledger = Ledger("kramers")
    >>> claim = ledger.record(
    ...     "exit-half", statement="Reaching the top takes half the crossing time", source="kramers1940",
    ...     predicted=0.5, measured=0.501, stderr=0.002, verdict="holds",
    ... )
    >>> ledger
    Ledger of kramers: 1 claim (1 holds)
    <BLANKLINE>
    claim      predicted  measured  interval                 verdict
    ---------  ---------  --------  -----------------------  -------
    exit-half  0.5000     0.5010    [0.4958, 0.5062] (99 %)  holds
    <BLANKLINE>
    exit-half: Reaching the top takes half the crossing time. Source: kramers1940.
    """

    def __init__(self, chapter: str, *, level: float = 0.99, digits: int = 4) -> None:
        if not re.fullmatch(r"[A-Za-z0-9_-]+", chapter):
            raise InvalidInput(f"a chapter is named by its file, without folder or ending, 'kramers'; got {chapter!r}.")
        if not 2 <= digits <= 16:
            raise InvalidInput(f"digits must be from 2 to 16; got {digits}.")
        self.chapter = chapter
        self.level = _level(level)
        self.digits = digits
        self._claims: dict[str, Claim] = {}

    def record(
        self,
        identity: str,
        *,
        statement: str,
        predicted: Any,
        measured: Any,
        verdict: Verdict | str,
        source: str = DERIVED,
        locator: str = "",
        transcribed: bool = False,
        interval: tuple[float, float] | None = None,
        stderr: float | None = None,
        tolerance: float | None = None,
        level: float | None = None,
        regime: str | None = None,
        corrected: Any = None,
        unit: str = "",
        note: str = "",
        anchor: str = "",
    ) -> Claim:
        """Add a claim, after checking its verdict against its numbers.

        Parameters
        ----------
        identity : str
            Lower-case words joined by hyphens, unique in the book.
        statement : str
            The claim in a sentence; mathematics between dollar signs.
        predicted : float or object with a mean
            What the source predicts, in ``unit``; an answer of a route may be given as it is.
        measured : float or object with ``interval(level)`` and a ``mean`` or a ``slope``
            What was measured. An :class:`EscapeTime`, a fit or an estimate brings its own error; a number needs one of
            ``interval``, ``stderr`` and ``tolerance``.
        verdict : Verdict or str
            ``"holds"`` (the prediction lies within), ``"holds in regime"`` (within, and ``regime`` says where),
            ``"refuted"`` (without), ``"wrong constant"`` (without; the form is right, and ``corrected``, if given, lies
            within), ``"corrected"`` (without, and ``corrected`` lies within).
        source : str
            Bibliography key, or ``"derived here"``.
        locator : str
            Section, theorem or equation number in the source.
        transcribed : bool
            True where the wording has not been checked against the source.
        interval : tuple of float, optional
            Confidence interval, in ``unit``; give its ``level`` too.
        stderr : float, optional
            Standard error, in ``unit``; makes a Gaussian interval at ``level``.
        tolerance : float, optional
            Error bound of a deterministic number, absolute, in ``unit``.
        level : float, optional
            Confidence level; the ledger's by default, but never guessed for an ``interval``.
        regime : str, optional
            Where the claim holds, in words.
        corrected : float, optional
            What the corrected statement predicts, in ``unit``.
        unit : str
            Unit of all numbers; empty if dimensionless.
        note : str
            Anything a reader must know besides.
        anchor : str
            Label on the chapter's page where the claim is argued; its row of the table by default.

        Returns
        -------
        Claim
            The row.

        Raises
        ------
        InvalidInput
            If the verdict contradicts the numbers, the identity is taken, or the error is missing or given twice.
        """
        if identity in self._claims:
            raise InvalidInput(f"{identity} is already recorded: every claim has its own identity.")
        if interval is not None and level is None:
            raise InvalidInput(f"the interval of {identity} comes without its level; add level=0.95, or what it is.")
        level = self.level if level is None else _level(level)
        value = _value(measured)
        if interval is None and stderr is None and tolerance is None and callable(getattr(measured, "interval", None)):
            if getattr(measured, "paths", 0) is None:  # the answer of a deterministic route: its error is a bound
                tolerance = measured.stderr
            else:
                interval = measured.interval(level)
        if stderr is not None:
            if interval is not None or tolerance is not None:
                raise InvalidInput(f"{identity} has stderr and another measure of error; one is enough.")
            half = NormalDist().inv_cdf(0.5 + level / 2.0) * finite(stderr, f"stderr of {identity}")
            interval = (finite(value, f"measured of {identity}") - half, float(value) + half)
        claim = Claim(
            identity=identity,
            chapter=self.chapter,
            statement=statement,
            source=source,
            locator=locator,
            transcribed=transcribed,
            predicted=_value(predicted),
            measured=value,
            interval=interval,
            level=None if interval is None else level,
            tolerance=tolerance,
            verdict=Verdict(verdict),
            regime=regime,
            corrected=None if corrected is None else _value(corrected),
            unit=unit or getattr(measured, "time_unit", ""),
            note=note,
            anchor=anchor,
            digits=self.digits,
        )
        self._claims[identity] = claim
        return claim

    def __len__(self) -> int:
        return len(self._claims)

    def __iter__(self) -> Iterator[Claim]:
        return iter(self._claims.values())

    def __getitem__(self, identity: str) -> Claim:
        return self._claims[identity]

    def __repr__(self) -> str:
        return rendering.text(self.chapter, [claim.rounded() for claim in self])

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        # IPython's protocol: text for a terminal, HTML for a page, rows for whoever collects all chapters' ledgers
        rows = [claim.rounded() for claim in self]
        return {
            "text/plain": rendering.text(self.chapter, rows),
            "text/html": rendering.html(self.chapter, rows),
            storage.MIME: storage.pack(self.chapter, rows),
        }

    @classmethod
    def from_mime(cls, data: Mapping[str, Any]) -> "Ledger":
        """Read a ledger back from what a cell that showed it holds.

        Parameters
        ----------
        data : mapping
            The output's data by MIME type, or only the part under ``application/vnd.escapetime.ledger+json``.

        Returns
        -------
        Ledger
            With the rows as shown: rounded, their verdicts checked again.

        Raises
        ------
        InvalidInput
            If it is not a ledger, a row was altered, or the layout is of another version.
        """
        payload = data.get(storage.MIME, data)
        rows = storage.unpack(payload)
        ledger = cls(payload["chapter"])
        for row in rows:
            if row.identity in ledger._claims:
                raise InvalidInput(f"{row.identity} stands twice in the stored ledger of {ledger.chapter}.")
            ledger._claims[row.identity] = row
        return ledger


def _level(level: float) -> float:
    if not 0.0 < level < 1.0:
        raise InvalidInput(f"level is a probability strictly between 0 and 1, such as 0.99; got {level}.")
    return level


def _value(number: Any) -> Any:
    # an answer of a route has a mean, a fitted line a slope; anything else is taken for the number itself
    for name in ("mean", "slope"):
        value = getattr(number, name, None)
        if value is not None and not callable(value):
            return value
    return number
