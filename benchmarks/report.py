"""What a national report costs: ``python -m benchmarks.report``.

For 63 units with and without its PDF, and for 10.600 units, an annex of as many rows. Each is
compiled in a process of its own from a store laid beforehand; printed are wall time, the
processor's time of the process and its children, and the highest memory of all of them together.
"""

import json
import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from unittest.mock import patch

from sqlalchemy import insert

from benchmarks.measure import python_environment, run_and_measure
from config.settings import Settings
from reporting import clock
from reporting.home.context import Context
from reporting.home.folder import init_home, open_home
from reporting.programme.files import load_programme
from reporting.programme.model import IndicatorType, Programme, Unit
from reporting.programme.units import sync_units, unit_rows
from reporting.report.pdf.make import Pdf
from reporting.states import CycleState, ReplyState, ValueKind
from reporting.store.engine import writing
from reporting.store.tables import Base, Blob, Cycle, Document, RawReply, Submission, Value

CYCLE = "annual-2023"
DAY = date(2024, 4, 30)
RECEIVED = date(2024, 1, 9)


@dataclass(frozen=True)
class Target:
    """A size and what it may cost at most."""

    units: int
    with_pdf: bool
    seconds: float
    mib: float = 1024

    @property
    def name(self) -> str:
        return f"{self.units} units, {'with' if self.with_pdf else 'without'} PDF"


TARGETS = (Target(63, False, 5), Target(63, True, 12), Target(10_600, False, 90))


def programme_of(units: int) -> Programme:
    """Programme 109 as it is, or widened to as many made-up communes in the same regions."""
    whole = load_programme(Settings().programmes_dir / "ctph-109")
    own = whole.expected_units(whole.cycle(CYCLE))
    if units == len(own):
        return whole
    made = tuple(_commune(own[number * len(own) // units], number) for number in range(units))
    return whole.model_copy(update={"units": made, "lineage": (), "tiles": ()})


def _commune(province: Unit, number: int) -> Unit:
    name = f"Xã {number + 1:05d}"
    changes = {"code": f"{number + 1:05d}", "name": name, "full_name": name, "position": number + 1}
    return province.model_copy(update={**changes, "aliases": (), "annex_name": None})


def lay(path: Path, units: int) -> None:
    """A home in which nine of ten units have reported, each with every answer of the form."""
    programme = programme_of(units)
    definition = programme.cycle(CYCLE)
    home = init_home(Settings(home=path), clock.at(RECEIVED), rehearsal_of=CYCLE)
    with writing(home.engine) as session:
        sync_units(session, programme)
        cycle = Cycle(
            programme=programme.id, name=CYCLE, kind=definition.kind, state=CycleState.OPEN,
            period_start=definition.period_start, period_end=definition.period_end,
            open_on=definition.open_on, due_on=definition.due_on, grace_until=definition.grace_until,
            close_on=definition.close_on, opened_on=definition.open_on, recorded_at=clock.at(RECEIVED),
        )  # fmt: skip
        session.add(cycle)
        session.flush()
        rows = list(unit_rows(session, programme, definition).values())
        reported = [row.id for place, row in enumerate(rows) if place % 10]
        _insert(session, Blob, [{"sha256": f"{unit:064x}", "size": 1} for unit in reported])
        came = {"cycle_id": cycle.id, "channel": "email", "received_on": RECEIVED}
        _insert(session, RawReply, [
            {**came, "id": unit, "unit_id": unit, "raw_sha256": f"{unit:064x}", "reasons": [],
             "received_at": clock.at(RECEIVED), "state": ReplyState.PROCESSED} for unit in reported
        ])  # fmt: skip
        _insert(session, Document, [
            {**came, "unit_id": unit, "number": f"{unit}/BC-SLĐTBXH", "document_date": RECEIVED,
             "kind": "report", "recorded_by": "hệ thống"} for unit in reported
        ])  # fmt: skip
        _insert(session, Submission, [
            {**came, "id": unit, "unit_id": unit, "version": 1, "reply_id": unit,
             "form_sha256": f"{unit:064x}", "counts": True} for unit in reported
        ])  # fmt: skip
        asked = programme.asked(definition, programme.expected_units(definition)[0], DAY)
        for unit in reported:
            answers = [_answer(indicator.type, indicator.choices, unit) for indicator in asked]
            session.execute(insert(Value), [
                {"submission_id": unit, "indicator": indicator.code, "cell": "Biểu!D1", "raw": None, **answer}
                for indicator, answer in zip(asked, answers, strict=True)
            ])  # fmt: skip
    home.engine.dispose()


def _insert(session, model: type[Base], rows: Sequence[dict[str, object]]) -> None:  # type: ignore[no-untyped-def]
    session.execute(insert(model), [{"recorded_at": clock.at(RECEIVED), **row} for row in rows])


def _answer(kind: IndicatorType, choices: Sequence[object], unit: int) -> dict[str, object]:
    if kind.is_number:
        return {"kind": ValueKind.NUMBER, "number": Decimal(unit % 97), "text": None}
    if kind is IndicatorType.BOOLEAN:
        return {"kind": ValueKind.TEXT, "number": None, "text": "có" if unit % 2 else "không"}
    if kind in (IndicatorType.DATE, IndicatorType.DATES):
        return {"kind": ValueKind.TEXT, "number": None, "text": "2023-05-10"}
    if kind is IndicatorType.DOCUMENTS:
        return {"kind": ValueKind.TEXT, "number": None, "text": f"{unit}/CTr-UBND"}
    if choices:
        return {"kind": ValueKind.TEXT, "number": None, "text": "rieng"}
    return {"kind": ValueKind.TEXT, "number": None, "text": "Không có."}


def compile_there(path: Path, units: int, with_pdf: bool) -> dict[str, object]:
    """Compile once; what it cost by the processor's clock."""
    from expectations.gate import check_cycle
    from reporting.report import compile_cycle as compilation

    programme = programme_of(units)
    settings = Settings(home=path)
    context = Context(
        open_home(settings), settings, {programme.id: programme}, DAY, clock.at(DAY), rehearsal=True
    )
    started = time.monotonic()
    without = Pdf(None, None)
    with ExitStack() as stack:
        for name in () if with_pdf else ("make_pdf", "make_internal"):
            stack.enter_context(patch.object(compilation, name, lambda *_, **__: without))
        outcome = compilation.compile_cycle(context, CYCLE, DAY, check_cycle)
    wall = time.monotonic() - started
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return {"compile": wall, "cpu": sum(u.ru_utime + u.ru_stime for u in used), "said": outcome.done[0]}


def main() -> None:
    if len(sys.argv) > 1:
        there, units, with_pdf, told = sys.argv[1:]
        Path(told).write_text(json.dumps(compile_there(Path(there), int(units), with_pdf == "yes")))
        return
    for target in TARGETS:
        with tempfile.TemporaryDirectory(prefix="kybaocao-bench-") as folder:
            home, told_file = Path(folder) / "home", Path(folder) / "told.json"
            lay(home, target.units)
            pdf = "yes" if target.with_pdf else "no"
            args = [sys.executable, "-m", "benchmarks.report", str(home), str(target.units), pdf]
            cost = run_and_measure([*args, str(told_file)], python_environment(), every=0.2)
            if cost.exit_code:
                raise RuntimeError(f"compiling {target.name} ended with {cost.exit_code}")
            told = json.loads(told_file.read_text())
        within = told["compile"] <= target.seconds and cost.peak_mib <= target.mib
        sys.stdout.write(
            f"{target.name:26} compile {told['compile']:6.1f} s   with start {cost.seconds:6.1f} s   "
            f"processor {told['cpu']:5.1f} s   peak PSS {cost.peak_mib:5.0f} MiB   "
            f"(at most {target.seconds:.0f} s, {target.mib:.0f} MiB: {'met' if within else 'MISSED'})\n"
        )
        sys.stdout.flush()


if __name__ == "__main__":
    main()
