"""What changed between two sets of figures, and through which replies."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from reporting.figures.figure import Coverage, Figure, Source
from reporting.store.tables import Submission, UnitRow
from reporting.vietnamese.formats import number, two_digits

Figures = Mapping[str, Mapping[str, Any]]  # by code, as in figures.json
_MOST_NAMES = 6
_A_QUERY = 500  # ids: databases limit how many one may hold


@dataclass(frozen=True)
class FigureChange:
    """One figure that is not as it was. ``old`` and ``new`` as they read; ``why`` may be empty."""

    code: str
    name: str
    old: str
    new: str
    why: str
    is_words: bool = False  # a list of texts: too long for a line

    @property
    def line(self) -> str:
        step = "nội dung thay đổi" if self.is_words else f"{self.old} → {self.new}"
        return f"{self.code} {self.name}: {step}" + (f" (do {self.why})" if self.why else "")

    def as_json(self) -> dict[str, str]:
        return {"code": self.code, "name": self.name, "old": self.old, "new": self.new, "why": self.why}


def by_code(content: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The figures of a ``figures.json``, by code."""
    return {figure["code"]: figure for figure in content["figures"]}


def figure_of(entry: Mapping[str, Any]) -> Figure:
    """The figure that a ``figures.json`` tells of."""
    cover, source = entry["coverage"], entry["source"]
    return Figure(
        code=entry["code"],
        name=entry["name"],
        value=None if entry["value"] is None else Decimal(entry["value"]),
        text=entry["text"],
        unit=entry["unit"],
        qualifier=entry["qualifier"],
        kind=entry["kind"],
        source=Source(source["kind"], source["ref"], tuple(source["inputs"])),
        as_of=date.fromisoformat(entry["as_of"]),
        coverage=Coverage(cover["n"], cover["N"]) if cover else None,
        units=tuple(entry["units"]),
        submissions=tuple(int(submission) for submission in entry["submissions"]),
    )


def changes(
    previous: Figures, current: Figures, submissions: Mapping[str, str] | None = None
) -> list[FigureChange]:
    """A change for each figure that reads otherwise, in the order of ``current``, then what is gone.

    ``submissions`` says of an id whose reply it is ("Sóc Trăng (bản 1)").
    """
    codes = [*current, *(code for code in previous if code not in current)]
    return [
        _change(previous.get(code), current.get(code), submissions or {})
        for code in codes
        if reads(previous.get(code)) != reads(current.get(code))
    ]


def _change(
    old: Mapping[str, Any] | None, new: Mapping[str, Any] | None, submissions: Mapping[str, str]
) -> FigureChange:
    entry = new or old or {}
    is_words = any(figure and figure["value"] is None and figure["text"] for figure in (old, new))
    return FigureChange(
        entry["code"], entry["name"], reads(old), reads(new), why(old, new, submissions), is_words
    )


def why(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None, submissions: Mapping[str, str]) -> str:
    """Whose replies came in or went out between the two, or which document took another's place."""
    before, after = (set(figure["submissions"]) if figure else set() for figure in (old, new))
    came = _names(submissions[number] for number in after - before if number in submissions)
    gone = _names(submissions[number] for number in before - after if number in submissions)
    # A reply that is replaced by a later version of the same unit is told by the later one alone.
    gone = [name for name in gone if name.partition(" (")[0] not in {n.partition(" (")[0] for n in came}]
    reasons = [_few(came)] if came else []
    reasons += [f"không còn tính {_few(gone)}"] if gone else []
    refs = [figure["source"]["ref"] if figure else None for figure in (old, new)]
    if new is not None and new["kind"] == "central" and refs[0] != refs[1]:
        reasons.append(str(refs[1]))
    return "; ".join(reasons)


def _names(names: Iterable[str]) -> list[str]:
    return sorted(set(names))


def _few(names: Collection[str]) -> str:
    shown = list(names)[:_MOST_NAMES]
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" và {two_digits(more)} địa phương khác" if more else "")


def reads(figure: Mapping[str, Any] | None) -> str:
    """``hơn 590``, the words of a list, or that there is nothing."""
    if figure is None or (figure["value"] is None and not figure["text"]):
        return "chưa có"
    if figure["value"] is None:
        return str(figure["text"])
    qualifier = f"{figure['qualifier']} " if figure["qualifier"] else ""
    return f"{qualifier}{number(Decimal(figure['value']))}"


def submission_names(session: Session, *sets: Figures) -> dict[str, str]:
    """Whose reply each submission behind the figures is: ``Sóc Trăng (bản 1)``."""
    ids = sorted(
        {int(number) for figures in sets for entry in figures.values() for number in entry["submissions"]}
    )
    names: dict[str, str] = {}
    for start in range(0, len(ids), _A_QUERY):
        query = (
            select(Submission.id, UnitRow.name, Submission.version)
            .join(UnitRow, UnitRow.id == Submission.unit_id)
            .where(Submission.id.in_(ids[start : start + _A_QUERY]))
        )
        names |= {str(key): f"{name} (bản {version})" for key, name, version in session.execute(query)}
    return names
