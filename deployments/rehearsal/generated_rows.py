"""The rows of a scenario made by rule: departments, their papers, recipes, the office, the contacts."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from deployments.rehearsal.recipes import dice
from deployments.rehearsal.scenario import read_rows
from reporting.programme.model import CycleDefinition, Indicator, Programme, Unit
from reporting.vietnamese.text import fold
from reporting.vietnamese.working_days import add_working_days, next_working_day

_EARLY, _LATE = 2, 6  # of those that answer
_MISTAKES = {5: ("missing", "MH03.05"), 9: ("negative", "KT04.01"), 13: ("projects", "MH03.10")}
_ALSO = {11: "absence", 15: "twice"}
_STRANGER, _DRAFT = 18, 20  # one writes from an unknown address, one sends figures before it has signed
Row = dict[str, Any]


@dataclass(frozen=True)
class Answering:
    """A unit that answers: its place among them, and the weights of the ground it covers."""

    place: int
    unit: Unit
    people: int
    poor: int


def department_row(programme: Programme, cycle: CycleDefinition, answering: Answering, seed: str) -> Row:
    """A unit that answers, as a row of ``departments.csv``."""
    document_on, figures_on = _days(cycle, answering, seed)
    way = "exchange" if answering.place % 6 == 4 else "email"
    mistake, code = _MISTAKES.get(answering.place, ("", ""))
    asked = code in programme.by_code and _is_asked(programme.by_code[code], cycle)
    sender = f"van-thu-{_slug(answering.unit)}@thu-rieng.example" if answering.place == _STRANGER else "role"
    return {
        "code": answering.unit.code,
        "name": answering.unit.name,
        "people": answering.people,
        "poor": answering.poor,
        "document_on": document_on.isoformat(),
        "document_by": way,
        "figures_on": figures_on.isoformat(),
        "figures_by": way,
        "sender": "officer" if answering.place % 7 == 3 else sender,
        "also": _ALSO.get(answering.place, ""),
        "mistake": mistake if asked else "",
        "corrects_after": 3 if mistake and asked else "",
        "supplement_after": 1 + answering.place % 5,
    }


def _days(cycle: CycleDefinition, answering: Answering, seed: str) -> tuple[date, date]:
    """When the office gets the signed document and the figures of a unit."""
    throw = dice(seed, cycle.name, answering.unit.code, "day")
    first = add_working_days(cycle.open_on, 3)
    if answering.place < _EARLY:
        return add_working_days(cycle.open_on, -3 - throw % 5), add_working_days(first, throw % 5)
    if answering.place >= _LATE and answering.place % 4 == 2:
        day = add_working_days(cycle.due_on, 1 + throw % 20)
        return day, day
    days = (cycle.due_on - first).days
    day = next_working_day(first + timedelta(days=throw % max(1, days - 2)))
    if answering.place == _DRAFT:
        return add_working_days(day, 4), day
    return day, day


def issued_rows(
    cycle: CycleDefinition, units: Iterable[Unit], papers: Mapping[str, str], seed: str
) -> list[Row]:
    """Who has issued a programme of its own: ``annex-1.csv``."""
    rows = []
    for place, unit in enumerate(units, start=1):
        day = cycle.period_start + timedelta(days=20 + dice(seed, unit.code, "issued") % 60)
        has_issued = unit.code in papers
        rows.append(
            {
                "position": place,
                "code": unit.code,
                "name": unit.name,
                "marked": "X" if has_issued else "",
                "numbers": f"{place}/CTr-DIENTAP" if has_issued else "",
                "dates": day.isoformat() if has_issued else "",
                "kind": "rieng" if has_issued else "",
            }
        )
    return rows


def paper_rows(
    cycle: CycleDefinition, units: Iterable[Unit], papers: Mapping[str, str], seed: str
) -> list[Row]:
    """Number and date of each report: ``annex-2.csv``."""
    rows = []
    for place, unit in enumerate(units, start=1):
        number, dated = "", ""
        if unit.code in papers:
            number = f"{20 + dice(seed, cycle.name, unit.code) % 900}/BC-DIENTAP"
            dated = add_working_days(date.fromisoformat(papers[unit.code]), -1).isoformat()
        rows.append({"position": place, "code": unit.code, "name": unit.name,
                     "marked": "X" if number else "", "numbers": number, "dates": dated})  # fmt: skip
    return rows


def recipe_rows(
    programme: Programme, cycle: CycleDefinition, model: Path, before: Mapping[str, list[str]], seed: str
) -> list[Row]:
    """The model's recipes for the cycle's length and units, and one for each number it does not know."""
    successor = {older: code for code, olders in before.items() for older in olders}
    base = programme.cycle(model.name)
    length = (
        Decimal((cycle.period_end - cycle.period_start).days) / (base.period_end - base.period_start).days
    )
    rows: list[Row] = []
    for row in read_rows(model / "values.csv"):
        only = [successor[code] for code in row["only"].split() if code in successor]
        rows.append({**row, "total": _scaled(row, length, cycle, seed), "fixed": "",
                     "only": " ".join(dict.fromkeys(only)) if only else row["only"]})  # fmt: skip
    known = {row["code"] for row in rows}
    for indicator in programme.indicators:
        is_new = indicator.level == "provincial" and indicator.code not in known
        if is_new and indicator.type.is_number and _is_asked(indicator, cycle):
            rows.append({"code": indicator.code, "way": "share", "total": 60 * len(before), "base": "people",
                         "low": 70, "high": 130, "digits": 0, "nil": 0, "pending": 0, "only": "",
                         "fixed": ""})  # fmt: skip
    return rows


def _scaled(row: Mapping[str, str], length: Decimal, cycle: CycleDefinition, seed: str) -> str:
    """A total of the model for a period of that length, a little up or down; words as they are."""
    if row["way"] != "share":
        return row["total"]
    swing = Decimal(90 + dice(seed, cycle.name, row["code"]) % 30) / 100
    return str((Decimal(row["total"]) * length * swing).quantize(Decimal(1).scaleb(-int(row["digits"] or 0))))


def office_of(cycle: CycleDefinition, silent: Sequence[Unit]) -> Row:
    """What the office does of its own accord: ``office.yaml``."""
    rung = add_working_days(cycle.due_on, 8)
    return {
        "duty_officer": "Chuyên viên trực (diễn tập)",
        "leader": "Lãnh đạo Văn phòng (diễn tập)",
        "letter": {"number": "01/CV-DIENTAP", "signed_on": cycle.open_on},
        "register_import": {
            "imported_on": add_working_days(cycle.due_on, 10),
            "file": "register.csv",
            "source": "Sổ theo dõi của Văn phòng (diễn tập)",
        },
        "figures_from": cycle.open_on,
        "calls": [
            {"called_on": rung, "unit": unit.code, "spoke_to": "Phòng chuyên môn của Sở",
             "result": "Đang tổng hợp, hẹn gửi", "promised_on": add_working_days(rung, 6)}
            for unit in silent[:2]
        ],
    }  # fmt: skip


def contact_rows(units: Iterable[Unit]) -> list[Row]:
    """Two addresses a unit: ``contacts.csv``."""
    rows = []
    for unit in units:
        for role, box, name, position in (
            ("role_box", "so-nnmt", "", "Hộp thư chung của Sở"),
            # As the forms name them: nothing of it is news.
            ("officer", "giam-ngheo", "Cán bộ đầu mối (diễn tập)", "Chuyên viên (diễn tập)"),
        ):
            rows.append({"code": unit.code, "role": role, "email": f"{box}@{_slug(unit)}.example",
                         "name": name, "position": position, "telephone": ""})  # fmt: skip
    return rows


def _slug(unit: Unit) -> str:
    return re.sub(r"[^a-z0-9]+", "-", fold(unit.name)).strip("-")


def _is_asked(indicator: Indicator, cycle: CycleDefinition) -> bool:
    return indicator.asked_in(cycle.kind, cycle.period_start, cycle.period_end)
