"""The outline of a department's own report: blank with the request, or with the figures of its form."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from config.settings import Settings
from reporting.errors import BadInput
from reporting.forms.model import Cell, FilledForm
from reporting.programme.files import load_programme
from reporting.programme.model import Programme
from reporting.requests.outline import Outline, draft_outline, has_template
from reporting.states import ValueKind
from reporting.word.filling import text_of

TODAY = date(2023, 12, 13)
REQUEST = ("777/CV-VPQGGN", TODAY)


@pytest.fixture
def draft(programme_109: Programme) -> Callable[..., str]:
    cycle = programme_109.cycle("annual-2023")
    unit = next(member for member in programme_109.expected_units(cycle) if member.name == "Đà Nẵng")
    blank = Outline(unit, programme_109.asked(cycle, unit, TODAY))

    def written(**known: object) -> str:
        outline = replace(blank, **known)  # type: ignore[arg-type]
        content = draft_outline(programme_109, cycle, outline, today=TODAY, rehearsal=False)
        assert content == draft_outline(programme_109, cycle, outline, today=TODAY, rehearsal=False)
        return text_of(content)

    return written


def test_a_blank_outline_has_the_departments_heading_and_every_area(draft: Callable[..., str]) -> None:
    text = draft(request=REQUEST)
    for words in (
        "ỦY BAN NHÂN DÂN",
        "THÀNH PHỐ ĐÀ NẴNG",
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "/BC-SLĐTBXH",
        "Công văn số 777/CV-VPQGGN ngày 13/12/2023",
        "I. Công tác chỉ đạo, điều hành",
        "VII. Tổ chức các hội nghị, hội thảo",
        "Số dự án, mô hình giảm nghèo: …………",
    ):
        assert words in text


def test_before_the_letter_is_signed_the_outline_names_none(draft: Callable[..., str]) -> None:
    assert "Công văn số" not in draft()


def test_a_filled_form_gives_the_outline_its_figures(draft: Callable[..., str]) -> None:
    cells = {
        "MH03.05": Cell("MH03.05", ValueKind.NUMBER, Decimal(25349)),
        "MH03.07": Cell("MH03.07", ValueKind.NIL),
        "MH03.08": Cell("MH03.08", ValueKind.PENDING, raw="chưa có số liệu (chờ Mặt trận Tổ quốc)"),
        "MH03.09": Cell("MH03.09", ValueKind.UNREADABLE, raw="khoảng 30"),
        "NL02.01": Cell("NL02.01", ValueKind.NUMBER, Decimal("489.4")),
        "CT00.01": Cell("CT00.01", ValueKind.TEXT, text="chua"),
        "NX07.01": Cell("NX07.01", ValueKind.TEXT, text="Dòng một\nDòng hai & ba <b>"),
    }
    form = FilledForm(
        None,
        cells,
        "622/BC-SLĐTBXH",
        date(2024, 1, 9),
        signer="Giám đốc Sở",
        explanations={"MH03.05": "gồm 02 dự án chuyển tiếp"},
    )
    text = draft(form=form)
    for words in (
        "Số: 622/BC-SLĐTBXH",
        "ngày 09 tháng 01 năm 2024",
        "25.349 dự án (gồm 02 dự án chuyển tiếp)",
        "Số hộ nghèo tham gia: không phát sinh",
        "chờ Mặt trận Tổ quốc",
        "khoảng 30 [cần rà soát]",
        "489,4 triệu đồng",
        "Chưa ban hành",
        "Dòng hai & ba <b>",
        "Giám đốc Sở",
        "Tổ chức các hội nghị",  # asked and not answered: left open
    ):
        assert words in text
    assert "Số ấn phẩm báo in" not in text  # neither owed nor answered


def test_a_unit_that_is_no_province_has_no_committee_above_it() -> None:
    sample = load_programme(Settings().programmes_dir.parent / "samples" / "nha-o-mau")
    cycle = sample.cycles[0]
    unit = next(member for member in sample.expected_units(cycle) if not member.is_place)
    content = draft_outline(
        sample,
        cycle,
        Outline(unit, sample.asked(cycle, unit, cycle.open_on)),
        today=cycle.open_on,
        rehearsal=True,
    )
    text = text_of(content)
    assert unit.full_name.upper() in text
    assert "ỦY BAN NHÂN DÂN" not in text


def test_a_programme_without_the_template_has_no_outline(programme_109: Programme) -> None:
    bare = programme_109.model_copy(update={"folder": programme_109.folder / "templates"})
    assert not has_template(bare)
    cycle = bare.cycle("annual-2023")
    with pytest.raises(BadInput):
        draft_outline(bare, cycle, Outline(bare.expected_units(cycle)[0], ()), today=TODAY, rehearsal=False)
