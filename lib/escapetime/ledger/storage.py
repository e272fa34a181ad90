"""How rows travel inside a notebook, and how they are read back from one that was executed."""

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from escapetime.errors import InvalidInput
from escapetime.ledger.claims import Claim, Verdict

MIME = "application/vnd.escapetime.ledger+json"
VERSION = 1


def pack(chapter: str, claims: list[Claim]) -> dict[str, Any]:
    """Return claims as plain JSON values.

    Parameters
    ----------
    chapter : str
        File name of the chapter.
    claims : list of Claim
        Its rows, rounded.

    Returns
    -------
    dict
        ``version``, ``chapter`` and ``claims``; infinite ends of intervals are the strings ``"inf"`` and ``"-inf"``.
    """
    rows = []
    for claim in claims:
        row = {**asdict(claim), "verdict": claim.verdict.value}
        if claim.interval is not None:
            row["interval"] = [end if abs(end) < float("inf") else str(end) for end in claim.interval]
        rows.append(row)
    return {"version": VERSION, "chapter": chapter, "claims": rows}


def unpack(payload: Mapping[str, Any]) -> list[Claim]:
    """Return the claims of a packed ledger, each checked again.

    Parameters
    ----------
    payload : mapping
        What ``pack`` made.

    Returns
    -------
    list of Claim
        The rows, in their order.

    Raises
    ------
    InvalidInput
        If it is not a packed ledger of this version, or a row's verdict contradicts its numbers.
    """
    if payload.get("version") != VERSION:
        raise InvalidInput(
            f"expected a ledger stored in layout {VERSION}; got version {payload.get('version')!r}. "
            "Execute the chapter again with this library."
        )
    known = {field.name for field in fields(Claim)}
    claims = []
    for row in payload["claims"]:
        if not known >= set(row):
            raise InvalidInput(f"a stored claim has unknown entries: {', '.join(sorted(set(row) - known))}.")
        values = {**row, "verdict": Verdict(row["verdict"])}
        if row.get("interval") is not None:
            values["interval"] = tuple(float(end) for end in row["interval"])
        claims.append(Claim(**values))
    return claims


def read_rows(notebook: str | Path | Mapping[str, Any]) -> list[Claim]:
    """Collect the claims from the outputs of an executed notebook.

    Parameters
    ----------
    notebook : path or mapping
        An ``.ipynb`` file, or its parsed content.

    Returns
    -------
    list of Claim
        Each claim once, in the order of appearance; empty if the notebook shows no ledger. A ledger shown again later
        counts with its later rows.

    Raises
    ------
    InvalidInput
        If two outputs say different things about one claim, or a stored row is not valid.
    """
    content = json.loads(Path(notebook).read_text(encoding="utf-8")) if isinstance(notebook, str | Path) else notebook
    found: dict[str, Claim] = {}
    for cell in content["cells"]:
        for output in cell.get("outputs", []):
            payload = output.get("data", {}).get(MIME)
            for claim in unpack(payload) if payload is not None else []:
                if found.setdefault(claim.identity, claim) != claim:
                    raise InvalidInput(
                        f"the notebook says two things about {claim.identity}: it was changed after it was shown. "
                        "Execute the whole chapter again."
                    )
    return list(found.values())
