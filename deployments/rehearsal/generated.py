"""A scenario made by rule, for a cycle nobody has written one for.

It is laid down as the same files that a hand-made scenario has, and read by the same code. Totals,
sentences and weights are those of the newest hand-made one, carried over to the units of the cycle
and scaled; what looks random comes from hashes, so the same seed gives the same scenario. Numbers of
documents end in DIENTAP: nobody shall take one for real.
"""

import csv
import hashlib
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from deployments.rehearsal.scenario import read_rows
from reporting.durable import write_durably
from reporting.errors import BadInput
from reporting.programme.lineage import groups
from reporting.programme.model import CycleDefinition, Indicator, Programme, Unit
from reporting.states import Channel, ContactRole
from reporting.vietnamese.text import fold
from reporting.vietnamese.working_days import add_working_days, next_working_day

SEED = "1"
SILENT = 3  # units that never answer
_EARLY, _LATE = 2, 6  # of those that answer
_MISTAKES = {5: ("missing", "MH03.05"), 9: ("negative", "KT04.01"), 13: ("projects", "MH03.10")}
_ALSO = {11: "absence", 15: "twice"}
_STRANGER, _DRAFT = 18, 20  # one writes from an unknown address, one sends figures before it has signed
Row = dict[str, Any]
_YEAR = re.compile(r"\b20[0-9]{2}\b")


@dataclass(frozen=True)
class _Answering:
    """A unit that answers: its place among them, and the weights of the ground it covers."""

    place: int
    unit: Unit
    people: int
    poor: int


def make_scenario(programme: Programme, cycle: CycleDefinition, folder: Path, *, seed: str = SEED) -> Path:
    """Write the scenario's files into ``folder``. Raises BadInput when there is none to go by."""
    model = _model(programme)
    units = programme.expected_units(cycle)
    before = _older(programme, programme.cycle(model.name), units)
    ranked = sorted(units, key=lambda unit: _hash(seed, cycle.name, unit.code, "rank"))
    known = {row["code"]: row for row in read_rows(model / "departments.csv")}
    answering = [
        _Answering(place, unit, *_weights([known[code] for code in before[unit.code] if code in known]))
        for place, unit in enumerate(ranked[SILENT:])
    ]
    departments = [_department(programme, cycle, each, seed) for each in answering]
    papers: dict[str, str] = {row["code"]: row["document_on"] for row in departments}
    files = {
        "departments.csv": _table(departments),
        "annex-1.csv": _table(_issued(cycle, units, papers, seed)),
        "annex-2.csv": _table(_papers(cycle, units, papers, seed)),
        "values.csv": _table(_recipes(programme, cycle, model, before, seed)),
        "texts.yaml": _YEAR.sub(str(_last_year(cycle)), (model / "texts.yaml").read_text("utf-8")).encode(),
        "office.yaml": yaml.safe_dump(_office(cycle, ranked[:SILENT]), allow_unicode=True).encode(),
        "register.csv": _table([{"code": ranked[0].code, "name": ranked[0].name, "status": "rieng",
                                 "numbers": "07/CTr-DIENTAP", "dates": cycle.period_start.isoformat(),
                                 "reason": ""}]),
        "central-figures.csv": b"code,value,text,qualifier,as_of,as_of_label,document,document_date\n",
        "contacts.csv": _table(_contacts(units)),
    }  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        write_durably(folder / name, content)
    return folder


def _model(programme: Programme) -> Path:
    """The newest scenario of the programme's folder."""
    known = {cycle.name: cycle for cycle in programme.cycles}
    folders = [each for each in (programme.folder / "rehearsal").glob("*/") if each.name in known]
    if not folders:
        raise BadInput(f"Chương trình {programme.id} chưa có kịch bản diễn tập nào để dựa vào.")
    return max(folders, key=lambda each: known[each.name].period_end)


def _older(programme: Programme, cycle: CycleDefinition, units: Sequence[Unit]) -> dict[str, list[str]]:
    """Code of each unit -> the codes of the units that stood on its ground in the earlier cycle."""
    found: dict[str, list[str]] = {unit.code: [] for unit in units}
    for group in groups(programme, programme.expected_units(cycle), units):
        for unit in group.after:
            found[unit.code] = [older.code for older in group.before]
    return found


def _weights(rows: Sequence[Mapping[str, str]]) -> tuple[int, int]:
    """People added up, the poorest part's weight; a middling guess for who is not in the scenario."""
    if not rows:
        return 120, 3
    return sum(int(row["people"]) for row in rows), max(int(row["poor"]) for row in rows)


def _department(programme: Programme, cycle: CycleDefinition, each: _Answering, seed: str) -> Row:
    document_on, figures_on = _days(cycle, each, seed)
    way = Channel.EXCHANGE.value if each.place % 6 == 4 else Channel.EMAIL.value
    mistake, code = _MISTAKES.get(each.place, ("", ""))
    asked = code in programme.by_code and _is_asked(programme.by_code[code], cycle)
    sender = f"van-thu-{_slug(each.unit)}@thu-rieng.example" if each.place == _STRANGER else "role"
    return {
        "code": each.unit.code,
        "name": each.unit.name,
        "people": each.people,
        "poor": each.poor,
        "document_on": document_on.isoformat(),
        "document_by": way,
        "figures_on": figures_on.isoformat(),
        "figures_by": way,
        "sender": ContactRole.OFFICER.value if each.place % 7 == 3 else sender,
        "also": _ALSO.get(each.place, ""),
        "mistake": mistake if asked else "",
        "corrects_after": 3 if mistake and asked else "",
        "supplement_after": 1 + each.place % 5,
    }


def _days(cycle: CycleDefinition, each: _Answering, seed: str) -> tuple[date, date]:
    """When the office gets the signed document and the figures of a unit."""
    dice = _hash(seed, cycle.name, each.unit.code, "day")
    first = add_working_days(cycle.open_on, 3)
    if each.place < _EARLY:
        return add_working_days(cycle.open_on, -3 - dice % 5), add_working_days(first, dice % 5)
    if each.place >= _LATE and each.place % 4 == 2:
        day = add_working_days(cycle.due_on, 1 + dice % 20)
        return day, day
    days = (cycle.due_on - first).days
    day = next_working_day(first + timedelta(days=dice % max(1, days - 2)))
    if each.place == _DRAFT:
        return add_working_days(day, 4), day
    return day, day


def _issued(cycle: CycleDefinition, units: Iterable[Unit], papers: Mapping[str, str], seed: str) -> list[Row]:
    rows = []
    for place, unit in enumerate(units, start=1):
        day = cycle.period_start + timedelta(days=20 + _hash(seed, unit.code, "issued") % 60)
        said = unit.code in papers
        rows.append({"position": place, "code": unit.code, "name": unit.name, "marked": "X" if said else "",
                     "numbers": f"{place}/CTr-DIENTAP" if said else "",
                     "dates": day.isoformat() if said else "", "kind": "rieng" if said else ""})  # fmt: skip
    return rows


def _papers(cycle: CycleDefinition, units: Iterable[Unit], papers: Mapping[str, str], seed: str) -> list[Row]:
    rows = []
    for place, unit in enumerate(units, start=1):
        number, dated = "", ""
        if unit.code in papers:
            number = f"{20 + _hash(seed, cycle.name, unit.code) % 900}/BC-DIENTAP"
            dated = add_working_days(date.fromisoformat(papers[unit.code]), -1).isoformat()
        rows.append({"position": place, "code": unit.code, "name": unit.name,
                     "marked": "X" if number else "", "numbers": number, "dates": dated})  # fmt: skip
    return rows


def _recipes(
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
    swing = Decimal(90 + _hash(seed, cycle.name, row["code"]) % 30) / 100
    return str((Decimal(row["total"]) * length * swing).quantize(Decimal(1).scaleb(-int(row["digits"] or 0))))


def _office(cycle: CycleDefinition, silent: Sequence[Unit]) -> Row:
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


def _contacts(units: Iterable[Unit]) -> list[Row]:
    rows = []
    for unit in units:
        for role, box, name, position in (
            (ContactRole.ROLE_BOX.value, "so-nnmt", "", "Hộp thư chung của Sở"),
            # As the forms name them: nothing of it is news.
            (ContactRole.OFFICER.value, "giam-ngheo", "Cán bộ đầu mối (diễn tập)", "Chuyên viên (diễn tập)"),
        ):
            rows.append({"code": unit.code, "role": role, "email": f"{box}@{_slug(unit)}.example",
                         "name": name, "position": position, "telephone": ""})  # fmt: skip
    return rows


def _slug(unit: Unit) -> str:
    return re.sub(r"[^a-z0-9]+", "-", fold(unit.name)).strip("-")


def _is_asked(indicator: Indicator, cycle: CycleDefinition) -> bool:
    return indicator.asked_in(cycle.kind, cycle.period_start, cycle.period_end)


def _last_year(cycle: CycleDefinition) -> int:
    """The last year of which all events in the sentences lie before a reply."""
    return cycle.year if cycle.period_end.month > 9 else cycle.year - 1


def _table(rows: Sequence[Mapping[str, Any]]) -> bytes:

    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def _hash(*parts: str) -> int:
    return int.from_bytes(hashlib.sha256("|".join(parts).encode()).digest()[:8])
