"""The bibliography that the library's answers and the book share: ``references.bib`` beside this file."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from escapetime.errors import InvalidInput


@cache
def _entries() -> dict[str, str]:
    text = Path(__file__).with_name("references.bib").read_text(encoding="utf-8")
    blocks = (block.strip() for block in re.split(r"(?m)^(?=@\w+\{)", text))
    return {m.group(1): block for block in blocks if (m := re.match(r"@\w+\{([^,\s]+),", block))}


def entry(key: str) -> str:
    """Return the BibTeX entry of a source.

    Parameters
    ----------
    key : str
        Bibliography key, for instance ``"kramers1940"``.

    Returns
    -------
    str
        The entry.

    Raises
    ------
    InvalidInput
        If the key is unknown.
    """
    entries = _entries()
    if key not in entries:
        raise InvalidInput(f"Unknown source {key!r}; known are {', '.join(sorted(entries))}.")
    return entries[key]
