"""The ledger of claims: what a source states, what was measured, and the verdict that the numbers themselves allow.

A chapter makes one :class:`Ledger`, records a row for each claim, and shows the ledger at its end. A verdict that the
numbers contradict is refused, so a chapter that executes is a chapter whose verdicts hold.
"""

from escapetime.ledger.chapter import Ledger
from escapetime.ledger.claims import DERIVED, Claim, Verdict
from escapetime.ledger.storage import MIME, read_rows

__all__ = ["DERIVED", "MIME", "Claim", "Ledger", "Verdict", "read_rows"]
