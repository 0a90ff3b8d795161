"""Where a figure comes from, down to the cell and the raw file."""

import hashlib
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from reporting.errors import BadInput
from reporting.report.explain import explain_figure
from reporting.store.engine import reading
from tests.workplace import BAC_NINH, CYCLE, HANOI, Workplace

DAY, END = date(2024, 1, 9), date(2024, 4, 30)


def explained(place: Workplace, code: str) -> dict[str, Any]:
    with reading(place.home.engine) as session:
        return explain_figure(session, place.programme, CYCLE, code, as_of=END)


def test_a_sum_leads_to_cells_and_raw_files(place: Workplace) -> None:
    place.report(HANOI, DAY, MH03_05=12)
    place.report(BAC_NINH, DAY, MH03_05=3)
    told = explained(place, "mh03.05")
    assert (told["figure"]["code"], told["figure"]["value"]) == ("MH03.05", "15")
    assert [(each["name"], each["value"], each["version"]) for each in told["answers"]] == [
        ("Hà Nội", "12", 1),
        ("Bắc Ninh", "3", 1),
    ]
    assert sum(Decimal(each["value"]) for each in told["answers"]) == 15
    for each in told["answers"]:
        assert "!" in each["cell"]
        for sha256 in (each["file_sha256"], each["reply_sha256"]):
            kept = (place.home.originals / sha256[:2] / sha256).read_bytes()
            assert hashlib.sha256(kept).hexdigest() == sha256
    assert explained(place, "SY00.01")["documents"][0]["number"] == "12/BC-SLĐTBXH"


def test_who_is_not_in_a_figure_is_named_with_the_reason(place: Workplace) -> None:
    place.report(HANOI, DAY, MH03_05=12)
    place.report(BAC_NINH, DAY, MH03_05=None)
    figure = explained(place, "MH03.05")
    why = {unit["name"]: unit["why"] for unit in figure["missing"]}
    assert (len(why), why["Bắc Ninh"], why["Nghệ An"]) == (5, "để trống", "chưa báo cáo")
    assert figure["figure"]["coverage"]["n"] + len(why) == figure["figure"]["coverage"]["N"]
    assert len(explained(place, "SY00.01")["missing"]) == 4


def test_a_code_that_is_no_figure_is_one_line(place: Workplace) -> None:
    with pytest.raises(BadInput, match="không có số liệu mã 'XX99'"):
        explained(place, "XX99")
