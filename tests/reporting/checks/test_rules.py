"""The rules: what they find, and that they are silent on a clean form."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

import config
from reporting.checks.rules import Earlier, FormFacts, check_facts, check_form, rules_for
from reporting.checks.rules.peers import spread
from reporting.forms.model import Cell, FilledForm
from reporting.forms.writing.check_column import Place, check_formulas
from reporting.programme.calendar import shorter_period
from reporting.programme.edits import Edit
from reporting.programme.files import load_programme
from reporting.programme.model import IndicatorType, Programme
from reporting.states import Severity, ValueKind

PROGRAMME = load_programme(Path(config.__file__).parent / "programmes" / "ctph-109")
CYCLE = PROGRAMME.cycle("annual-2023")
UNIT = PROGRAMME.expected_units(CYCLE)[0]
ASKED = PROGRAMME.asked(CYCLE, UNIT, date(2023, 12, 13))
RULES = rules_for(PROGRAMME, CYCLE)


def number(code: str, value: object) -> Cell:
    return Cell(code, ValueKind.NUMBER, number=Decimal(str(value)), raw=str(value), cell="Biểu!E9")


def text(code: str, words: str) -> Cell:
    return Cell(code, ValueKind.TEXT, text=words, raw=words, cell="Biểu!E9")


def clean_cells() -> dict[str, Cell]:
    """A complete answer: every number "không phát sinh", every text a sentence."""
    cells = {
        indicator.code: Cell(indicator.code, ValueKind.NIL)
        if indicator.type.is_number
        else text(indicator.code, "Đã triển khai.")
        for indicator in ASKED
        if indicator.type in (IndicatorType.INTEGER, IndicatorType.DECIMAL, IndicatorType.TEXT)
        and indicator.condition is None
    }
    known = [
        text("CT00.01", "rieng"), text("CT00.02", "07/CTr-SLĐTBXH-MTTQ"), text("CT00.03", "2023-04-11"),
        text("SK05.01", "không"), number("MH03.05", 10), number("MH03.07", 100),
    ]  # fmt: skip
    return cells | {cell.indicator: cell for cell in known}


FACTS = FormFacts(
    unit=UNIT,
    answers=clean_cells(),
    asked=frozenset(indicator.code for indicator in ASKED),
    received_on=date(2024, 1, 12),
    document_number="13/BC-LĐTBXH",
    document_date=date(2024, 1, 10),
    request_on=date(2023, 12, 13),
)


def rules_broken(facts: FormFacts, programme: Programme = PROGRAMME) -> set[tuple[str, Severity]]:
    findings = check_facts(rules_for(programme, CYCLE), facts)
    assert all(finding.message and "sai" not in finding.message.split() for finding in findings)
    return {(finding.rule, finding.severity) for finding in findings}


def with_cells(*cells: Cell, without: tuple[str, ...] = ()) -> FormFacts:
    kept = {code: cell for code, cell in FACTS.answers.items() if code not in without}
    return replace(FACTS, answers={**kept, **{cell.indicator: cell for cell in cells}})


def test_a_clean_form_is_left_in_peace() -> None:
    assert rules_broken(FACTS) == set()


def test_each_rule_has_one_name_of_its_own() -> None:
    names = [rule.id for rule in RULES]
    assert len(names) == len(set(names))
    assert all(rule.description for rule in RULES)


def test_a_required_answer_that_is_missing() -> None:
    assert rules_broken(with_cells(without=("KT04.01",))) == {("COMP-KT04.01", Severity.ERROR)}


def test_zero_and_nil_are_answers_and_pending_is_a_warning() -> None:
    assert rules_broken(with_cells(number("KT04.01", 0))) == set()
    pending = Cell("KT04.01", ValueKind.PENDING)
    assert rules_broken(with_cells(pending)) == {("PEND-KT04.01", Severity.WARNING)}


def test_what_was_not_on_the_form_is_not_missed() -> None:
    facts = with_cells(without=("KT04.01",))
    assert rules_broken(replace(facts, asked=facts.asked - {"KT04.01"})) == set()


def test_a_conditional_answer_is_owed_only_under_its_condition() -> None:
    none_yet = text("CT00.01", "chua")
    assert (
        rules_broken(with_cells(none_yet, text("CT00.04", "Quý I"), without=("CT00.02", "CT00.03"))) == set()
    )
    assert rules_broken(with_cells(none_yet, without=("CT00.02", "CT00.03"))) == {
        ("COMP-CT00.04", Severity.ERROR)
    }
    assert rules_broken(with_cells(none_yet, text("CT00.04", "Quý I"))) == {
        ("COND-CT00.02", Severity.WARNING),
        ("COND-CT00.03", Severity.WARNING),
    }
    assert rules_broken(with_cells(without=("CT00.01", "CT00.02", "CT00.03"))) == {
        ("COMP-CT00.01", Severity.ERROR)
    }


def test_an_unreadable_answer_says_why() -> None:
    cell = Cell("KT04.01", ValueKind.UNREADABLE, raw="mười hai", note="ô này có chữ")
    (finding,) = check_facts(RULES, with_cells(cell))
    assert (finding.rule, finding.severity, finding.seen) == ("TYPE-KT04.01", Severity.ERROR, "mười hai")
    assert "ô này có chữ" in finding.message


def test_a_negative_number_and_a_broken_count() -> None:
    assert rules_broken(with_cells(number("KT04.01", -1))) == {("RANGE-KT04.01", Severity.ERROR)}
    assert rules_broken(with_cells(number("KT04.01", "1.5"))) == {("TYPE-KT04.01", Severity.ERROR)}


def test_a_text_that_is_too_long() -> None:
    assert rules_broken(with_cells(text("NX07.01", "a" * 2001))) == {("LENGTH-NX07.01", Severity.WARNING)}


def test_a_part_is_not_more_than_its_whole() -> None:
    facts = with_cells(number("MH03.10", 11))
    assert rules_broken(facts) == {("PART-MH03-MTTQ", Severity.ERROR)}
    assert rules_broken(with_cells(number("MH03.10", 10))) == set()


def test_a_ratio_may_stand_on_a_derived_total() -> None:
    """Households a project: the total of households has no cell of its own."""
    assert rules_broken(with_cells(number("MH03.07", 2000))) == {("RATIO-MH03-HO", Severity.WARNING)}
    assert rules_broken(with_cells(number("MH03.07", 500), number("MH03.08", 500))) == set()
    assert rules_broken(with_cells(Cell("MH03.08", ValueKind.PENDING), number("MH03.07", 2000))) == {
        ("PEND-MH03.08", Severity.WARNING)
    }


def test_something_over_nothing_is_over_any_maximum() -> None:
    assert ("RATIO-TT01-PHAT-HANH", Severity.WARNING) in rules_broken(with_cells(number("TT01.04", 500)))


def edited(**edit: object) -> Programme:
    made: Edit = TypeAdapter(Edit).validate_python({"id": "E", "message": "Đề nghị rà soát.", **edit})
    return PROGRAMME.model_copy(update={"edits": (made,)})


@pytest.mark.parametrize(("total", "holds"), [(15, True), (16, True), (17, False), (13, False)])
def test_a_balance_with_a_tolerance(total: int, holds: bool) -> None:
    programme = edited(family="balance", severity="error", indicators=("MH03.05",), total="MH03.05",
                       parts=("KT04.01", "KT04.02"), tolerance="1")  # fmt: skip
    facts = with_cells(number("MH03.05", total), number("KT04.01", 7), number("KT04.02", 8))
    assert (("E", Severity.ERROR) not in rules_broken(facts, programme)) is holds


def test_a_range_and_a_value_that_stands_twice() -> None:
    facts = with_cells(number("TT01.09", 493), number("TT01.13", 493), number("TT01.14", 1589))
    same = edited(family="duplicate", severity="notice", indicators=("TT01.09", "TT01.14"), minimum="1589")
    assert rules_broken(facts, same) == {("DUP-1", Severity.NOTICE)}
    limit = edited(family="range", severity="warning", indicators=("TT01.14", "TT01.09"), maximum="1000")
    assert rules_broken(facts, limit) == {("DUP-1", Severity.NOTICE), ("E", Severity.WARNING)}


def test_numbers_that_an_edit_ties_may_be_equal() -> None:
    all_of_them = (number("TT01.13", 493), number("TT01.14", 493))
    assert rules_broken(with_cells(*all_of_them)) == set()
    (finding,) = check_facts(RULES, with_cells(*all_of_them, number("TT01.09", 493)))
    assert (finding.rule, finding.indicator, finding.seen) == ("DUP-1", "TT01.13", "TT01.09 và TT01.13 = 493")


def test_rounded_figures_may_miss_their_sum_by_what_rounding_takes() -> None:
    """The reference report: 1.911 + 5.827 tỷ said to be 7.739 tỷ, of 1.911,6 and 5.827,5."""
    programme = edited(family="balance", severity="error", indicators=("NL02.03",), total="NL02.03",
                       parts=("NL02.01", "NL02.02"), tolerance="rounded")  # fmt: skip

    def holds(*texts: str) -> bool:
        codes = ("NL02.03", "NL02.01", "NL02.02")
        cells = [number(code, text) for code, text in zip(codes, texts, strict=True)]
        return ("E", Severity.ERROR) not in rules_broken(with_cells(*cells), programme)

    assert holds("7739", "1911", "5827")
    assert not holds("7740", "1911", "5827")
    assert holds("7739.1", "1911.6", "5827.4")
    assert not holds("7739.3", "1911.6", "5827.5")


@pytest.mark.parametrize(("part", "holds"), [("7739", True), ("7740", False), ("7738.9", True)])
def test_a_rounded_part_may_be_more_than_its_whole_by_what_rounding_takes(part: str, holds: bool) -> None:
    """In the rule and, with the same tolerance, in the form's own check."""
    programme = edited(family="part_whole", severity="error", indicators=("NL02.03",), part="NL02.03",
                       wholes=("NL02.01", "NL02.02"), tolerance="rounded")  # fmt: skip
    cells = [number("NL02.03", part), number("NL02.01", "1911"), number("NL02.02", "5827")]
    assert (("E", Severity.ERROR) not in rules_broken(with_cells(*cells), programme)) is holds
    places = {code: Place(row, 4, 5) for row, code in enumerate(("NL02.03", "NL02.01", "NL02.02"))}
    assert "ROUND(N(E3),0),0.5" in check_formulas(programme, CYCLE, places)["NL02.03"]


def test_an_edit_over_what_the_cycle_does_not_ask_is_left_out() -> None:
    programme = edited(
        family="part_whole", severity="error", indicators=("KT04.03",), part="KT04.03", wholes=("KT04.01",)
    )
    assert "E" not in {rule.id for rule in rules_for(programme, CYCLE)}


@pytest.mark.parametrize(
    ("day", "rules"),
    [
        (date(2024, 1, 15), {("DATE-DOCUMENT-FUTURE", Severity.ERROR)}),
        (date(2024, 1, 6), {("DATE-WEEKEND", Severity.NOTICE)}),
        (
            date(2023, 12, 12),
            {("DATE-DOCUMENT-EARLY", Severity.WARNING), ("DATE-PERIOD-END", Severity.NOTICE)},
        ),
        (date(2022, 1, 11), {("DATE-PERIOD", Severity.ERROR), ("DATE-DOCUMENT-EARLY", Severity.WARNING)}),
        (date(2023, 12, 14), set()),
    ],
)
def test_the_date_of_the_document(day: date, rules: set[tuple[str, Severity]]) -> None:
    assert rules_broken(replace(FACTS, document_date=day)) == rules


def test_a_draft_has_no_date_to_complain_of() -> None:
    assert rules_broken(replace(FACTS, document_number=None, document_date=None)) == set()


def test_a_letter_is_a_report_too_and_only_noted() -> None:
    assert rules_broken(replace(FACTS, document_number="28/SLĐTBXH-BTXH&PCTN")) == {
        ("DOC-KIND", Severity.NOTICE)
    }
    assert ("DOC-NUMBER", Severity.WARNING) in rules_broken(replace(FACTS, document_number="622"))


def test_the_documents_a_unit_lists() -> None:
    assert rules_broken(with_cells(text("CT00.02", "chương trình số 7"))) == {
        ("DOC-CT00.02", Severity.WARNING)
    }
    two = text("CT00.02", "142/CTPH-UBND-MTTQ; 245/KHPH-UBMT-SLĐTBXH")
    plan = ("DOC-TYPE-CT00.02", Severity.NOTICE)
    assert rules_broken(with_cells(two)) == {("PAIR-CT00.02", Severity.WARNING), plan}
    assert rules_broken(with_cells(two, text("CT00.03", "2022-07-22; 2023-04-28"))) == {
        ("DATE-BEFORE-CT00.03", Severity.NOTICE),
        plan,
    }
    assert rules_broken(with_cells(text("CT00.03", "2024-02-01"))) == {("DATE-CT00.03", Severity.ERROR)}


@pytest.mark.parametrize(
    ("document", "event", "is_late"),
    [
        (date(2024, 1, 10), "2024-01-10", False),
        (date(2024, 1, 10), "2024-01-11", True),  # received on the 12th
        (None, "2024-01-11", False),
        (None, "2024-01-13", True),
        (date(2023, 11, 8), "2024-01-11", False),  # older than the request: the form came after it
        (date(2023, 11, 8), "2024-01-13", True),
        (date(2024, 2, 10), "2024-01-13", True),
    ],
)
def test_no_report_tells_of_what_came_after_it(document: date | None, event: str, is_late: bool) -> None:
    facts = replace(with_cells(text("CT00.03", event)), document_date=document)
    assert (("DATE-CT00.03", Severity.ERROR) in rules_broken(facts)) is is_late


def test_a_year_is_not_less_than_its_half() -> None:
    shorter = shorter_period(PROGRAMME, CYCLE)
    assert shorter is not None
    assert shorter.period_start == CYCLE.period_start
    facts = with_cells(number("KT04.01", 5))
    assert rules_broken(replace(facts, earlier=Earlier({"KT04.01": Decimal(6)}))) == {
        ("HIST-KT04.01", Severity.WARNING)
    }
    assert (
        rules_broken(replace(facts, earlier=Earlier({"KT04.01": Decimal(5), "KT04.02": Decimal(0)}))) == set()
    )


def test_a_year_far_from_the_year_before_is_asked_about() -> None:
    year = PROGRAMME.cycle("annual-2024")
    rules = rules_for(PROGRAMME, year)

    def warned(before: int, now: int) -> bool:
        facts = replace(
            with_cells(number("KT04.01", now)), earlier=Earlier(last_cycle={"KT04.01": Decimal(before)})
        )
        return "CHANGE-KT04.01" in {finding.rule for finding in check_facts(rules, facts)}

    assert warned(100, 501)
    assert warned(500, 99)
    assert not warned(100, 500)
    assert not warned(500, 100)
    assert not warned(2, 21)  # small numbers swing
    assert not warned(0, 400)  # what began
    assert not warned(400, 0)


def test_a_value_that_cannot_be_there_yet_or_here_or_now() -> None:
    """Gifts of a Tết that is to come; another province's scheme; a level that is no longer asked for."""
    gifts = with_cells(number("NL02.10", 500))
    assert rules_broken(gifts) == {("EVENT-NL02.10", Severity.ERROR)}
    after = replace(gifts, received_on=date(2024, 3, 1), document_date=date(2024, 2, 29))
    assert rules_broken(after) == set()
    assert rules_broken(with_cells(number("NL02.13.1", 5))) == {("UNITS-NL02.13.1", Severity.WARNING)}
    assert rules_broken(with_cells(number("KT04.03", 5))) == {("WINDOW-KT04.03", Severity.WARNING)}
    assert rules_broken(with_cells(number("KT04.03", 0), Cell("NL02.10", ValueKind.PENDING))) <= {
        ("PEND-NL02.10", Severity.WARNING)
    }


def test_a_number_beyond_all_bounds_and_a_word_off_the_list() -> None:
    assert rules_broken(with_cells(number("KT04.01", 10**18))) == {("RANGE-KT04.01", Severity.ERROR)}
    assert rules_broken(with_cells(number("NL02.01", 10**9))) == {
        ("RANGE-NL02.01", Severity.ERROR)
    }  # triệu đồng
    assert rules_broken(with_cells(number("NL02.01", 10**9 - 1))) == {("LIMIT-NL02.01", Severity.WARNING)}
    assert rules_broken(with_cells(number("NL02.01", 2_000_000))) == set()
    assert rules_broken(with_cells(text("CT00.01", "tự ban hành"))) >= {("TYPE-CT00.01", Severity.ERROR)}
    assert rules_broken(with_cells(text("SK05.01", "một phần"))) == {("TYPE-SK05.01", Severity.ERROR)}


def test_a_number_of_a_report_is_used_once_a_year() -> None:
    used = Earlier(documents={("13/BC-LĐTBXH", 2024): "kỳ six-month-2024"})
    assert rules_broken(replace(FACTS, earlier=used)) == {("UNIQUE-DOCUMENT", Severity.WARNING)}
    last_year = Earlier(documents={("13/BC-LĐTBXH", 2023): "kỳ six-month-2023"})
    assert rules_broken(replace(FACTS, earlier=last_year)) == set()


@pytest.mark.parametrize(
    ("document", "rules"),
    [
        ("07/CTr-SLĐTBXH-MTTQ", set()),
        ("258/CTrPH-MTTQ-LĐTBXH", set()),
        ("500/CTPH/UBND-MTTQ", set()),
        ("251/KH-MTTQ-SLĐTBXH", {"DOC-TYPE-CT00.02"}),
        ("239/KH-MTTQ-BTT", {"DOC-TYPE-CT00.02", "DOC-JOINT-CT00.02"}),
        ("3417/SLĐTBHXH-UBMTTQ", {"DOC-TYPE-CT00.02"}),
    ],
)
def test_the_symbol_of_a_joint_programme(document: str, rules: set[str]) -> None:
    assert rules_broken(with_cells(text("CT00.02", document))) == {(rule, Severity.NOTICE) for rule in rules}


def test_a_unit_far_from_all_others_is_noted() -> None:
    alike = [Decimal(number) for number in (80, 90, 95, 100, 105, 110, 120) for _ in range(3)]
    peers = spread({"KT04.02": [*alike, Decimal(0)], "KT04.01": alike[:14]})
    assert set(peers) == {"KT04.02"}  # fourteen units tell nothing

    def noted(now: int) -> set[tuple[str, Severity]]:
        return rules_broken(replace(with_cells(number("KT04.02", now), number("KT04.01", 650)), peers=peers))

    assert noted(100) == noted(300) == noted(0) == set()
    assert noted(830) == {("OUTLIER-KT04.02", Severity.NOTICE)}
    assert noted(1_000) == {("OUTLIER-KT04.02", Severity.NOTICE), ("SHARE-KT04.02", Severity.NOTICE)}
    assert noted(5) == {("OUTLIER-KT04.02", Severity.NOTICE)}


def test_a_form_is_checked_as_a_whole() -> None:
    form = FilledForm(token=None, cells=clean_cells() | {"KT04.01": number("KT04.01", -1)})
    findings = check_form(
        PROGRAMME,
        CYCLE,
        UNIT,
        form,
        asked=ASKED,
        received_on=date(2024, 1, 12),
        request_on=None,
    )
    assert [(finding.rule, finding.cell, finding.seen) for finding in findings] == [
        ("RANGE-KT04.01", "Biểu!E9", "-1")
    ]


CELLS: Mapping[ValueKind, Cell] = {kind: Cell("", kind) for kind in ValueKind}
ANY_CELL = st.one_of(
    st.sampled_from(list(CELLS.values())),
    st.decimals(-10, 10**6, places=2).map(lambda value: Cell("", ValueKind.NUMBER, number=value)),
    st.sampled_from(["rieng", "chua", "có", "a" * 2001]).map(
        lambda words: Cell("", ValueKind.TEXT, text=words)
    ),
)
CODES = [indicator.code for indicator in ASKED if indicator.type is not IndicatorType.DATES]


@given(st.dictionaries(st.sampled_from(CODES), ANY_CELL), st.dates(date(2020, 1, 1), date(2026, 1, 1)))
def test_no_answers_break_a_rule(cells: dict[str, Cell], day: date) -> None:
    answers = {code: replace(cell, indicator=code) for code, cell in cells.items()}
    for finding in check_facts(RULES, replace(FACTS, answers=answers, document_date=day)):
        assert finding.severity in Severity
        assert finding.message
