"""What went wrong in a real national report is found here: each fault alone, in a cycle that has no other.

A row is a contradiction of that report. The fault is entered where it would come in: a form by mail, a
file of central figures, the register, the calendar, the report as staff edit it. Then the named rule
speaks, and on the cycle without the fault it is silent.
"""

import io
import itertools
import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from sqlalchemy import select

from reporting.errors import BadInput
from reporting.home.context import cycle_row
from reporting.programme.files import load_programme
from reporting.received.central_figures import import_figures
from reporting.received.register_file import import_register
from reporting.report.edited.check import check_report
from reporting.report.facts.gather import gather
from reporting.store.engine import reading, writing
from reporting.store.tables import Cycle
from reporting.word.controls import W
from reporting.word.read_controls import code_of
from tests.compiling import compile_cycle, compile_report
from tests.workplace import (
    BAC_NINH,
    CYCLE,
    DIEN_BIEN,
    HANOI,
    NGHE_AN,
    PDF,
    QUANG_TRI,
    Workplace,
    box,
    copy_home,
)

DAY, END = date(2024, 1, 9), date(2024, 4, 15)
SOURCE = "Báo cáo số 429/BC-CP ngày 03/01/2024 của Chính phủ"
OTHER = "Báo cáo số 804/BC-MTTQ-BTT ngày 30/01/2024 của Ủy ban Trung ương Mặt trận"
HEADER = "code,value,text,qualifier,as_of,as_of_label,document,document_date"
Found = set[tuple[str, str]]


@pytest.fixture(scope="module")
def clean_home(tmp_path_factory: pytest.TempPathFactory, opened_home: Path) -> Path:
    """Three reports, figures of two central bodies, a register: nothing to ask of anybody."""
    place = copy_home(opened_home, tmp_path_factory.mktemp("clean") / "home")
    own: dict[str, Any] = {
        "CT00_01": "rieng",
        "CT00_02": "07/CTr-SLĐTBXH-MTTQ",
        "CT00_03": "2023-04-11",
        "CT00_04": None,
    }
    place.report(HANOI, DAY, "12/BC-SLĐTBXH", MH03_05=10, TT01_03=12, TT01_04=60_000, **own)
    place.report(DIEN_BIEN, DAY, "12/BC-LĐTBXH", MH03_05=7, **own)  # numbers repeat between provinces
    central(place, f"TW01.01,590,,hơn,2023-12-14,,{SOURCE},", f"TW02.01,199,,,2023-12-14,,{OTHER},")
    register(place, "40,chua,,,chờ ý kiến", "45,rieng,05/CTPH-MTTQ-SLĐTBXH,10/05/2023,")
    place.home.engine.dispose()
    return place.home.path


@pytest.fixture
def clean(tmp_path: Path, clean_home: Path) -> Iterator[Workplace]:
    place = copy_home(clean_home, tmp_path / "home")
    place.numbers = itertools.count(100)  # mails have come before
    yield place
    place.home.engine.dispose()


def central(place: Workplace, *lines: str, on: date = END) -> None:
    """``figures import`` of a file with those rows."""
    file = place.home.path / "central.csv"
    file.write_text("\n".join([HEADER, *lines]), encoding="utf-8")
    context = place.context(on)
    with writing(place.home.engine) as session:
        import_figures(
            session, place.programme, cycle_row(session, place.programme, CYCLE), file,
            source=None, as_of=None, by="Chuyên viên", now=context.now, today=on,
        )  # fmt: skip


def register(place: Workplace, *lines: str) -> None:
    """``register import`` of a file with those rows."""
    file = place.home.path / "register.csv"
    file.write_text("\n".join(["code,status,numbers,dates,reason", *lines]), encoding="utf-8")
    context = place.context(END)
    with writing(place.home.engine) as session:
        import_register(
            session, place.programme, place.programme.cycle(CYCLE), file,
            source="Sổ theo dõi", by="Chuyên viên", now=context.now, today=END,
        )  # fmt: skip


def send(place: Workplace, number: str = "13/BC-SLĐTBXH", dated: date = DAY, **given: object) -> None:
    """A form by mail, with the signed paper."""
    form = place.form(BAC_NINH, number, dated, **given)  # type: ignore[arg-type]
    files = {"bieu.xlsx": form, "bao-cao.pdf": PDF + number.encode()}
    place.receive(place.mail(box(BAC_NINH), files, to=place.reply_address(BAC_NINH)), END)


def points_of(place: Workplace, as_of: date = END) -> Found:
    """Rule and unit of everything that stands in the report's dossier."""
    with reading(place.home.engine) as session:
        facts = gather(session, place.programme, CYCLE, as_of=as_of, known_on=END)
    return {(point.rule, point.unit) for point in facts.findings}


WHOLE = "Báo cáo chung"


def test_the_clean_cycle_has_nothing_to_explain(clean: Workplace) -> None:
    with reading(clean.home.engine) as session:
        facts = gather(session, clean.programme, CYCLE, as_of=END, known_on=END)
    assert [point for point in facts.findings if point.severity != "notice"] == []
    assert points_of(clean) == {("REPORT-MISSING", WHOLE)}  # of thirty central figures two are entered
    assert compile_cycle(clean.context(END), CYCLE, as_of=END).waiting == ()


def test_a_row_of_the_register_in_place_of_a_signed_reply_is_said(clean: Workplace) -> None:
    """Import of what the unit said itself is silent; another status, another number is not."""
    same = "07/CTr-SLĐTBXH-MTTQ,11/04/2023,"
    register(clean, f"01,rieng,{same}", f"11,rieng,{same}")
    assert ("REPORT-REGISTER", WHOLE) not in points_of(clean)
    register(clean, "01,chua,,,chờ ý kiến", "11,rieng,08/CTr-SLĐTBXH-MTTQ,11/04/2023,")
    with reading(clean.home.engine) as session:
        facts = gather(session, clean.programme, CYCLE, as_of=END, known_on=END)
    lines = [point.message for point in facts.findings if point.rule == "REPORT-REGISTER"]
    assert len(lines) == 2
    assert "Hà Nội, sổ ghi chưa ban hành, chờ ý kiến; đơn vị báo cáo ban hành riêng, 07/CTr-" in lines[1]


def early(place: Workplace) -> None:
    send(place, "2850/BC-SLĐTBXH", date(2023, 11, 29))


def late_order(place: Workplace) -> None:
    """The calendar says of the peak month's letter what the report printed."""
    folder = place.home.path / "programme"
    shutil.copytree(place.programme.folder, folder)
    file = folder / "calendar.yaml"
    text = file.read_text(encoding="utf-8")
    assert text.count("order_on: 2023-10-16") == 1
    file.write_text(text.replace("order_on: 2023-10-16", "order_on: 2023-12-16"), encoding="utf-8")
    cycles = load_programme(folder).cycles
    place.programme = place.programme.model_copy(update={"cycles": cycles})


BN = "Bắc Ninh"
# Row of the analysis -> how its fault comes in, the rule that finds it, whose it is.
ROWS: list[tuple[str, Callable[[Workplace], None], str, str]] = [
    ("X-04", lambda p: send(p, dated=date(2024, 4, 19)), "DATE-DOCUMENT-FUTURE", BN),
    ("X-04", lambda p: send(p, dated=date(2024, 4, 19)), "REPORT-REPLY-DATE", WHOLE),
    ("X-05", early, "DATE-DOCUMENT-EARLY", BN),
    ("X-05", early, "DATE-PERIOD-END", BN),
    ("X-06", late_order, "REPORT-ORDER", WHOLE),
    ("X-06", late_order, "REPORT-WEEKEND", WHOLE),
    (
        "X-07",
        lambda p: central(p, f"TW02.03,337000,,,2024-04-13,,{OTHER},"),
        "REPORT-OUT-OF-PERIOD",
        WHOLE,
    ),
    (
        "X-07",
        lambda p: central(p, "TW03.01.1,5000,,,2022-12-01,,Báo cáo số 7/BC-BTC ngày 05/12/2022,"),
        "REPORT-SOURCE-BEFORE",
        WHOLE,
    ),
    (
        "X-08",
        lambda p: central(p, f"TW02.10,14603,,,2023-12-14,,{OTHER.replace('MTTQ', 'MTTW')},"),
        "REPORT-SYMBOL",
        WHOLE,
    ),
    (
        "X-08",
        lambda p: central(p, f"TW02.10,14603,,,2023-12-14,,{OTHER.replace('30/01', '31/01')},"),
        "REPORT-SYMBOL",
        WHOLE,
    ),
    (
        "X-10",
        lambda p: central(p, "TW01.02,64,,,2023-09-03,,Báo cáo số 429/BC-CP ngày 03/9/2023 của Chính phủ,"),
        "REPORT-SOURCE-AGE",
        WHOLE,
    ),
    (
        "X-10",
        lambda p: central(p, "TW01.02,64,,,2023-09-30,,Báo cáo số 429/BC-CP ngày 03/9/2023 của Chính phủ,"),
        "REPORT-SOURCE-DATE",
        WHOLE,
    ),
    ("X-10", lambda p: central(p, f"MH03.05,3870,,,2023-12-14,,{SOURCE},"), "REPORT-SAME-FACT", WHOLE),
    ("X-12", lambda p: central(p, "TW01.02,64,,,2023-12-14,,số liệu theo dõi,"), "REPORT-SOURCE", WHOLE),
    ("X-14", lambda p: send(p, TT01_09=493, TT01_13=493, TT01_14=1589), "DUP-1", BN),
    ("X-19", lambda p: send(p, "28/SLĐTBXH-BTXH&PCTN"), "DOC-KIND", BN),
    ("X-20", lambda p: issued(p, "251/KH-MTTQ-SLĐTBXH"), "DOC-TYPE-CT00.02", BN),
    ("X-20", lambda p: issued(p, "239/KH-MTTQ-BTT"), "DOC-JOINT-CT00.02", BN),
    ("X-20", lambda p: issued(p, "3417/SLĐTBHXH-UBMTTQ"), "DOC-TYPE-CT00.02", BN),
    ("X-20", lambda p: issued(p, "142/CTPH-UBND-MTTQ; 245/CTPH-UBMT-SLĐTBXH"), "PAIR-CT00.02", BN),
    ("X-20", lambda p: issued(p, "500/CTPH/UBND-MTTQ", "2019-12-13"), "DATE-BEFORE-CT00.03", BN),
    (
        "I-15",
        lambda p: central(p, f"TW04.02.1,3,Số 763/KH-MTTW-BTT; số 690/KH-MTTW-BTT,,2023-12-14,,{SOURCE},"),
        "REPORT-LIST",
        WHOLE,
    ),
    (
        "I-08",
        lambda p: central(
            p, f"TW02.03,300000,,,2023-12-14,,{OTHER},", f"TW02.04.2,320000,,,2023-12-14,,{OTHER},"
        ),
        "PART-TW02-PHAN-BO",
        WHOLE,
    ),
]
# Rows that come in where a file or a command refuses them, or in the report in Word: tests of their own.
ELSEWHERE = {"I-14", "X-01", "X-03", "X-11"}
# Marked E or W in the analysis, or "fails": none is left out.
ASKED_FOR = {f"X-{n:02}" for n in (1, 3, 4, 5, 6, 7, 8, 10, 11, 12, 19, 20)} | {"I-14"}


def issued(place: Workplace, numbers: str, dates: str = "2023-04-11") -> None:
    """A form that names the unit's own programme so."""
    send(place, CT00_01="rieng", CT00_02=numbers, CT00_03=dates, CT00_04=None)


def test_every_row_is_there() -> None:
    assert {row for row, *_ in ROWS} | ELSEWHERE >= ASKED_FOR


@pytest.mark.parametrize(
    ("fault", "rule", "unit"),
    [row[1:] for row in ROWS],
    ids=[f"{place} {row[0]} {row[2]}" for place, row in enumerate(ROWS)],
)
def test_the_fault_is_found(
    clean: Workplace, fault: Callable[[Workplace], None], rule: str, unit: str
) -> None:
    assert rule not in {name for name, _ in points_of(clean)}
    fault(clean)
    assert (rule, unit) in points_of(clean)


def test_a_unit_stands_in_one_group_of_the_register(clean: Workplace) -> None:
    """X-01: two of the 61 that had issued a programme were told of again, as having another one."""
    before = points_of(clean)
    with pytest.raises(BadInput, match="đã có ở dòng 2"):
        register(clean, "40,rieng,05/CTr-SLĐTBXH-MTTQ,10/05/2023,", "40,khac,500/CTPH-UBND-MTTQ,13/12/2019,")
    assert points_of(clean) == before


def test_a_report_signed_before_its_day_or_counting_a_later_reply(clean: Workplace) -> None:
    """X-03, X-04: what came on 19/4 is not in the counts of 15/4, and does not change them."""
    before = points_of(clean)
    later = date(2024, 4, 19)
    form = clean.form(QUANG_TRI, "19/BC-SLĐTBXH", later)
    files = {"b.xlsx": form, "a.pdf": PDF}
    clean.receive(clean.mail(box(QUANG_TRI), files, to=clean.reply_address(QUANG_TRI)), later)
    assert points_of(clean) == before
    assert clean.unit(QUANG_TRI, END).state == "missing"
    assert clean.unit(QUANG_TRI, later).state == "accepted"
    with pytest.raises(BadInput, match="ở sau hôm nay"):
        compile_cycle(clean.context(later), CYCLE, as_of=date(2024, 4, 30))
    with pytest.raises(BadInput, match="số liệu tính đến 30/04/2024"):
        central(clean, f"TW01.02,64,,,2024-04-30,,{SOURCE},", on=later)


def edit(content: bytes, change: Callable[[dict[str, object]], None]) -> bytes:
    """The report as staff change it in Word."""
    paper = Document(io.BytesIO(content))
    change({str(code_of(control)): control for control in paper.element.body.iter(f"{W}sdt")})
    out = io.BytesIO()
    paper.save(out)
    return out.getvalue()


def points(place: Workplace, change: Callable[[dict[str, object]], None]) -> set[tuple[str, str | None]]:
    """What ``check-report`` says of the report after that change."""
    context = place.context(END)
    with writing(place.home.engine) as session:
        report = compile_report(place.home, session, place.programme, CYCLE, as_of=END, now=context.now)
    file = report.folder / "bao-cao.docx"
    edited = place.home.path / "sua.docx"
    edited.write_bytes(edit(file.read_bytes(), change))
    return {(point.kind, point.code) for point in check_report(place.context(END), edited).review.points}


def write(controls: dict[str, object], code: str, text: str) -> None:
    next(iter(controls[code].iter(f"{W}t"))).text = text  # type: ignore[attr-defined]


def test_groups_that_do_not_add_up_and_a_coverage_that_is_gone(clean: Workplace) -> None:
    """I-14, X-01: 61 + 02 + 02 of 63, typed into the report. X-11: its "n/63" is taken out."""
    assert points(clean, lambda controls: None) == set()
    changed = points(clean, lambda controls: write(controls, "CT00.01", "61"))
    assert changed == {("changed", "CT00.01"), ("sum", "CT00.01")}

    def without(controls: dict[str, object]) -> None:
        control = controls["MH03.05.do_phu"]
        control.getparent().remove(control)  # type: ignore[attr-defined]

    assert ("removed", "MH03.05.do_phu") in points(clean, without)


def test_an_old_source_is_told_and_an_impossible_one_stops_the_signature(clean: Workplace) -> None:
    """X-10: no later report of the Government there may be; none of 5 September tells of the 30th."""
    source = "Báo cáo số 430/BC-CP ngày 05/9/2023 của Chính phủ"
    central(clean, f"TW01.02,64,,,2023-09-05,,{source},")
    assert ("REPORT-SOURCE-AGE", WHOLE) in points_of(clean)
    (line,) = compile_cycle(clean.context(END), CYCLE, as_of=END).waiting
    assert "01 điểm cần giải trình" in line
    central(clean, f"TW01.02,64,,,2023-09-30,,{source},")
    line, *_ = compile_cycle(clean.context(END), CYCLE, as_of=END).waiting
    assert "ở sau ngày của văn bản" in line
    assert "430/BC-CP" in line


def test_the_leader_and_the_office_see_it(clean: Workplace) -> None:
    """An error of the whole report is told at once, stands in the dossier and stops the last approval."""
    central(clean, f"TW02.10,14603,,,2023-12-14,,{OTHER.replace('MTTQ', 'MTTW')},")
    outcome = compile_cycle(clean.context(END), CYCLE, as_of=END)
    assert any("804/BC-MTTW-BTT" in line for line in outcome.waiting)
    folder = Path(outcome.done[0].partition(": ")[2])
    page = (folder / "quality.html").read_text(encoding="utf-8")
    assert "REPORT-SYMBOL" in page
    from reporting.approval.steps import obstacles
    from reporting.status.report import standing

    context = clean.context(END)
    with reading(clean.home.engine) as session:
        cycle = session.scalars(select(Cycle).where(Cycle.name == CYCLE)).one()
        version = standing(session, clean.programme, cycle)
        assert version is not None
        found_now = obstacles(context, session, version.version)
    assert any("804/BC-MTTW-BTT" in line for line in found_now.errors)
    assert NGHE_AN not in {name for _, name in points_of(clean)}
