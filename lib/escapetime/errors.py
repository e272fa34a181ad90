"""The errors this project raises: one base class, and one subclass for each thing a caller can do about it."""


class EscapeTimeError(Exception):
    """Base of every error that escapetime raises on purpose; its message says what to do."""


class InvalidInput(EscapeTimeError, ValueError):
    """A value cannot be used: the message names what was expected, what came, and the way out."""


class RouteNotApplicable(EscapeTimeError):
    """A route cannot answer this problem: the message says why, and which route can."""


class DeviceUnavailable(EscapeTimeError, RuntimeError):
    """The requested device is not on this machine."""


class NumericalFailure(EscapeTimeError, ArithmeticError):
    """A computation overflowed, lost its digits or did not converge: no number is returned instead."""


class EscapeTimeWarning(UserWarning):
    """A result was returned, but part of what was asked for is missing or biased: the message says what."""
