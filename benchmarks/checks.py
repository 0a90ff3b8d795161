"""What reading and checking forms costs: ``python -m benchmarks.checks [COUNT…]``.

Real workbooks of programme 109 with the rehearsal's values, each with a number of its own and one in
fifty with a wrong figure, are read and checked one after the other, as replies are; then the rules
run over all of them by Great Expectations, and once more by hand in pandas (``benchmarks.oracle``),
which must find the same (rule, unit) sets. Making the workbooks, imports and laying the answers out
(in columns, in frames) are apart. Each count runs in a process of its own; seconds are of the
processor, reading processes included, so that a busy machine does not decide.
"""

import gc
import io
import json
import random
import re
import resource
import sys
import tempfile
import time
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from benchmarks.measure import python_environment, run_and_measure
from config.settings import Settings
from deployments.rehearsal.scenario import load_scenario
from deployments.rehearsal.values import values_of
from reporting.checks.rules import FormFacts, Rule, check_facts, facts_of, rules_for
from reporting.checks.rules.peers import spread
from reporting.forms import layout
from reporting.forms.cells import read_cell
from reporting.forms.model import Cell
from reporting.forms.read import read_form
from reporting.forms.write import write_form
from reporting.programme.files import load_programme
from reporting.programme.model import Programme, Unit
from reporting.spreadsheets.sandbox import stop
from reporting.states import ValueKind

CYCLE = "annual-2023"
RECEIVED, DATED, REQUESTED = date(2024, 1, 12), date(2024, 1, 10), date(2023, 12, 13)
COUNTS = (63, 1_000, 3_321, 10_600)
BASE, LARGEST = 1_000, 10_600  # cost a form of the larger one against that of the other
MOST_GROWTH, MOST_TIMES, MOST_SECONDS, MOST_MIB = 1.2, 6.0, 1.0, 1024
ONE_IN = 50  # forms with a wrong figure
_NUMBER = "999999/BC-SLĐTBXH"
_FIGURE = re.compile(rb'(<c r="[A-Z]+[0-9]+" s="[0-9]+"><v>)([0-9]+)(</v>)')
SECRET = "benchmark"  # noqa: S105 - signs nothing but these workbooks


def first_forms(programme: Programme) -> list[tuple[Unit, bytes]]:
    """The form of each department of the rehearsal, filled in."""
    cycle, scenario = programme.cycle(CYCLE), load_scenario(programme, CYCLE)
    units = {unit.code: unit for unit in programme.expected_units(cycle)}
    made = []
    for department in scenario.departments:
        answers = values_of(programme, cycle, department.code)
        cells = {code: _cell(programme, code, value) for code, value in answers.items()}
        cells[layout.DOCUMENT_NUMBER] = Cell(layout.DOCUMENT_NUMBER, ValueKind.TEXT, text=_NUMBER)
        dated = f"{DATED:%d/%m/%Y}"
        cells[layout.DOCUMENT_DATE] = Cell(layout.DOCUMENT_DATE, ValueKind.TEXT, text=dated)
        unit = units[department.code]
        content = write_form(
            programme, cycle, unit, today=RECEIVED, secret=SECRET, rehearsal=True, values=cells
        )
        made.append((unit, content))
    return made


def _cell(programme: Programme, code: str, value: Decimal | str) -> Cell:
    if isinstance(value, Decimal):
        return Cell(code, ValueKind.NUMBER, value)
    return read_cell(programme.by_code[code], value, value, "")


def forms(first: Sequence[tuple[Unit, bytes]], count: int) -> Iterator[tuple[Unit, bytes]]:
    """So many workbooks of as many units: each with its own number, one in fifty with a wrong figure."""
    draw = random.Random(count)  # noqa: S311 - sample data
    for place in range(count):
        unit, content = first[place % len(first)]
        code = f"{place + 1:05d}"
        own = unit.model_copy(update={"code": code, "name": f"Đơn vị {code}"})
        yield own, _varied(content, f"{place + 1}/BC-SLĐTBXH", draw if place % ONE_IN == 0 else None)


def _varied(content: bytes, number: str, draw: random.Random | None) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.infolist():
            part = old.read(item).replace(_NUMBER.encode(), number.encode())
            if draw is not None and item.filename == "xl/worksheets/sheet1.xml":
                figures = list(_FIGURE.finditer(part))
                wrong = draw.choice(figures)
                part = part[: wrong.start(2)] + b"-" + part[wrong.start(2) :]
            new.writestr(item.filename, part)
    return out.getvalue()


def _processor() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def check_there(count: int) -> dict[str, Any]:
    """Read, check, run: what each cost, and whether both ways found the same."""
    programme = load_programme(Settings().programmes_dir / "ctph-109")
    rules = rules_for(programme, programme.cycle(CYCLE))
    first = first_forms(programme)
    facts, told = _read_all(programme, rules, forms(first, count))
    told |= _run(programme, rules, facts)
    return {"count": count, "rules": len(rules), **told}


def _read_all(
    programme: Programme, rules: Sequence[Rule], made: Iterator[tuple[Unit, bytes]]
) -> tuple[dict[str, FormFacts], dict[str, Any]]:
    cycle, wall, making, found = programme.cycle(CYCLE), 0.0, 0.0, 0
    facts: dict[str, FormFacts] = {}
    stop()
    begun = _processor()
    while True:
        before = time.process_time()
        pair = next(made, None)
        making += time.process_time() - before
        if pair is None:
            break
        unit, content = pair
        started = time.perf_counter()
        form = read_form(content, [programme], SECRET)
        asked = programme.asked(cycle, unit, RECEIVED)
        facts[unit.code] = facts_of(
            unit, form, asked=asked, received_on=RECEIVED, request_on=REQUESTED, earlier=None
        )
        found += len(form.problems) + len(check_facts(rules, facts[unit.code]))
        wall += time.perf_counter() - started
    stop()  # a reader's time is counted when it has ended
    return facts, {"read_wall": wall, "read": _processor() - begun - making, "found": found}


def _run(programme: Programme, rules: Sequence[Rule], facts: Mapping[str, FormFacts]) -> dict[str, Any]:
    from benchmarks.frames import frames_of
    from benchmarks.oracle import Oracle
    from expectations.check import run_rulebook
    from expectations.rulebook import Rulebook

    numbers: dict[str, list[Decimal]] = defaultdict(list)
    for each in facts.values():
        for code, cell in each.answers.items():
            if cell.number is not None:
                numbers[code].append(cell.number)
    peers = spread(numbers)
    facts = {code: replace(each, peers=peers) for code, each in facts.items()}
    few = dict(list(facts.items())[:3])
    run_rulebook(Rulebook(rules, few), name="warm")
    Oracle(programme, programme.cycle(CYCLE), frames_of(programme, few)).sets()
    gc.collect()
    gc.freeze()  # the answers of all units stay; walking over them again and again is nobody's work
    before = time.process_time()
    rulebook = Rulebook(rules, facts)
    rulebook.columns  # noqa: B018 - laid out when first asked for
    laid = time.process_time() - before
    before = time.process_time()
    verdict = run_rulebook(rulebook, name="all")
    by_library = time.process_time() - before
    if verdict.crashed:
        raise RuntimeError(f"rules crashed: {verdict.crashed}")
    oracle = Oracle(programme, programme.cycle(CYCLE), frames_of(programme, facts))
    before = time.process_time()
    by_hand = oracle.sets()
    hand = time.process_time() - before
    sets: dict[str, set[str]] = defaultdict(set)
    for rule, unit in verdict.findings:
        sets[rule].add(unit)
    differing = sorted(
        rule for rule in {*sets, *by_hand} if sets.get(rule, set()) != by_hand.get(rule, set())
    )
    return {
        "columns": laid,
        "library": by_library,
        "hand": hand,
        "findings": len(verdict.findings),
        "failing": len(by_hand),
        "differing": differing,
    }


def main() -> None:
    if len(sys.argv) == 3 and sys.argv[2].endswith(".json"):
        Path(sys.argv[2]).write_text(json.dumps(check_there(int(sys.argv[1]))))
        return
    per_form: dict[int, float] = {}
    for count in [int(each) for each in sys.argv[1:]] or COUNTS:
        told = _measured(count)
        per_form[count] = told["read"] / count
        say(
            f"{count:6} forms   read and checked {1000 * per_form[count]:5.1f} ms each "
            f"({told['read']:.1f} s, on the clock {told['read_wall']:.1f} s), {told['found']} findings"
        )
        times = told["library"] / told["hand"]
        say(
            f"       {told['rules']} rules over all: columns {told['columns']:.2f} s, "
            f"Great Expectations {told['library']:.2f} s, pandas by hand {told['hand']:.2f} s, "
            f"{times:.1f} times (at most {MOST_TIMES:.0f} and {MOST_SECONDS:.0f} s: "
            f"{_met(times <= MOST_TIMES and told['library'] <= MOST_SECONDS)})"
        )
        same = "the same sets" if not told["differing"] else f"OTHER SETS: {', '.join(told['differing'])}"
        say(
            f"       {told['findings']} findings of {told['failing']} rules, {same}; "
            f"peak PSS {told['peak']:.0f} MiB (at most {MOST_MIB}: {_met(told['peak'] <= MOST_MIB)})"
        )
    if {BASE, LARGEST} <= per_form.keys():
        growth = per_form[LARGEST] / per_form[BASE]
        say(f"a form of {LARGEST} costs {growth:.2f} times one of {BASE} ({_met(growth <= MOST_GROWTH)})")


def _measured(count: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="kybaocao-bench-") as folder:
        file = Path(folder) / "told.json"
        args = [sys.executable, "-m", "benchmarks.checks", str(count), str(file)]
        cost = run_and_measure(args, python_environment(), every=1.0)
        if cost.exit_code:
            raise RuntimeError(f"checking {count} forms ended with {cost.exit_code}")
        return {**json.loads(file.read_text()), "peak": cost.peak_mib}


def _met(is_met: bool) -> str:
    return "met" if is_met else "MISSED"


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
