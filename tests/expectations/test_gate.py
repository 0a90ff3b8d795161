"""A cycle's verdict and its report, and a whole day by plain functions."""

import asyncio
from datetime import date
from pathlib import Path

import pytest

from expectations import check
from expectations.gate import RuleFailed, check_cycle
from reporting.checks.rules import FormFacts, Rule
from reporting.day import run_day
from reporting.errors import BadInput
from reporting.finding import Finding
from reporting.states import MessageKind, Severity
from reporting.store.tables import ReportVersion
from tests.compiling import compile_cycle
from tests.workplace import BAC_NINH, CYCLE, HANOI, Workplace

DAY = date(2024, 1, 9)
END = date(2024, 4, 30)


def test_open_errors_are_named_and_do_not_stop_a_compilation(place: Workplace) -> None:
    place.report(HANOI, DAY, MH03_05=12)
    place.report(BAC_NINH, DAY, MH03_05=3, MH03_10=5)
    verdict = check_cycle(place.context(END), CYCLE, END)
    assert {key for key, finding in verdict.findings.items() if finding.severity == "error"} == {
        ("PART-MH03-MTTQ", BAC_NINH)
    }
    outcome = compile_cycle(place.context(END), CYCLE, as_of=END)
    assert outcome.waiting == ("1 đơn vị còn điểm đề nghị rà soát chưa khép lại",)
    folder = Path(outcome.done[0].partition(": ")[2])
    assert (folder / "bao-cao.docx").exists()
    again = compile_cycle(place.context(date(2024, 5, 1)), CYCLE, as_of=END, known_on=END)
    assert again.done[0].startswith("không có gì thay đổi")
    assert place.count(ReportVersion) == 1


def test_a_rule_that_breaks_stops_the_compilation(place: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(facts: FormFacts) -> Finding | None:
        raise ZeroDivisionError("chia cho không")

    place.report(HANOI, DAY)
    rules = (Rule("BROKEN", "balance", Severity.NOTICE, "hỏng", broken),)
    monkeypatch.setattr(check, "rules_for", lambda *_: rules)
    with pytest.raises(RuleFailed, match=r"BROKEN: .*chia cho không"):
        compile_cycle(place.context(END), CYCLE, as_of=END)
    assert place.count(ReportVersion) == 0


def test_a_cycle_that_does_not_exist_is_not_compiled(place: Workplace) -> None:
    for name, words in (("annual-1999", "Không có kỳ"), ("six-month-2024", "chưa được lập")):
        with pytest.raises(BadInput, match=words):
            compile_cycle(place.context(END), name, as_of=END)
    assert place.count(ReportVersion) == 0


def test_a_day_without_a_mail_server_does_all_else(place: Workplace) -> None:
    place.programme = place.programme.model_copy(update={"cycles": (place.programme.cycle(CYCLE),)})
    (place.home.drop).mkdir(exist_ok=True)
    (place.home.drop / "ha-noi.xlsx").write_bytes(place.form(HANOI, "1/BC-SLĐTBXH", DAY))
    day = date(2024, 1, 10)
    first = asyncio.run(run_day(place.context(day), check_cycle))
    assert "tiếp nhận báo cáo của Hà Nội" in first.done
    assert len(place.messages(MessageKind.REMINDER)) == 8
    assert asyncio.run(run_day(place.context(day), check_cycle)).done == ()
    last = asyncio.run(run_day(place.context(END), check_cycle))
    assert [line for line in last.done if line.startswith("lập phiên bản 1")]
    assert not any("phiên bản" in line for line in asyncio.run(run_day(place.context(END), check_cycle)).done)
