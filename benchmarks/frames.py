"""The facts of all forms as pandas frames, a unit a row."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from reporting.checks.rules import FormFacts
from reporting.programme.model import Programme


@dataclass(frozen=True)
class Frames:
    """The answers of all units, a row a unit and a column an indicator."""

    kind: pd.DataFrame
    number: pd.DataFrame
    places: pd.DataFrame  # decimals of a number
    text: pd.DataFrame
    asked: pd.DataFrame
    inside: pd.DataFrame
    about: pd.DataFrame  # code, received, request, document, dated


def frames_of(programme: Programme, facts: Mapping[str, FormFacts]) -> Frames:
    """Lay the facts out; no part of what is timed."""
    units = list(facts)
    forms = list(facts.values())
    codes = [indicator.code for indicator in programme.indicators if indicator.level == "provincial"]

    def frame(take: Any) -> pd.DataFrame:
        rows = [[take(form.answers.get(code)) for code in codes] for form in forms]
        return pd.DataFrame(rows, index=units, columns=codes)

    about = [
        (form.unit.code, form.received_on, form.request_on, form.document_number, form.document_date)
        for form in forms
    ]
    table = pd.DataFrame(about, index=units, columns=["code", "received", "request", "document", "dated"])
    for name in ("received", "request", "dated"):
        table[name] = pd.to_datetime(table[name])
    return Frames(
        kind=frame(lambda cell: str(cell.kind) if cell else "blank").astype("category"),
        number=frame(_number),
        places=frame(lambda cell: -cell.number.as_tuple().exponent if cell and cell.number else 0),
        text=frame(lambda cell: cell.text if cell else None),
        asked=pd.DataFrame([[code in form.asked for code in codes] for form in forms], units, codes),
        inside=pd.DataFrame([dict.fromkeys(codes) | dict(f.earlier.half_year) for f in forms], index=units),
        about=table,
    )


def _number(cell: Any) -> float:
    if cell is not None and str(cell.kind) == "nil":
        return 0.0
    return float(cell.number) if cell is not None and cell.number is not None else np.nan
