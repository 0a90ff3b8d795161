from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from reporting import clock
from reporting.errors import BadInput
from reporting.received.central_figures import central_figures, dated, import_figures
from reporting.store.tables import AuditEvent, CentralFigure

APRIL_15 = date(2024, 4, 15)


def take(store: Any, file: Path, today: date = APRIL_15, **more: Any) -> int:
    return import_figures(
        store.session, store.programme, store.row, file, source=more.get("source"), as_of=more.get("as_of"),
        by="Chuyên viên", now=clock.at(today), today=today,
    )  # fmt: skip


def written(folder: Path, header: str, *lines: str) -> Path:
    file = folder / "so-lieu.csv"
    file.write_text("\n".join((header, *lines)), encoding="utf-8")
    return file


def test_the_reference_figures_and_again(cycle_store: Any) -> None:
    file = cycle_store.programme.folder / "rehearsal" / "annual-2023" / "central-figures.csv"
    central = [indicator for indicator in cycle_store.programme.indicators if indicator.level == "central"]
    assert take(cycle_store, file) == len(central)
    figures = central_figures(cycle_store.session, cycle_store.row.id, APRIL_15)
    assert set(figures) == {indicator.code for indicator in central}
    assert figures["TW01.01"].document == "Báo cáo số 429/BC-CP ngày 03/9/2023 của Chính phủ"
    assert (figures["TW02.02"].value, figures["TW02.02"].qualifier) == (Decimal(305000), "trên")
    assert take(cycle_store, file) == 0
    assert cycle_store.session.query(AuditEvent).count() == 1


def test_source_and_as_of_may_hold_for_the_whole_file(cycle_store: Any, tmp_path: Path) -> None:
    file = written(tmp_path, "Mã;Số liệu", "TW02.10;14.603", "TW02.11;17.118,5")
    assert take(cycle_store, file, source="804/BC-MTTQ-BTT ngày 30/01/2024", as_of=date(2024, 1, 30)) == 2
    figures = central_figures(cycle_store.session, cycle_store.row.id, APRIL_15)
    assert (figures["TW02.10"].value, figures["TW02.11"].value) == (Decimal(14603), Decimal("17118.5"))
    assert figures["TW02.10"].document == "804/BC-MTTQ-BTT ngày 30/01/2024"


def test_all_mistakes_at_once_and_nothing_imported(cycle_store: Any, tmp_path: Path) -> None:
    file = written(
        tmp_path,
        "code,value,qualifier,as_of,document,document_date",
        "TW99.99,1,,2024-01-30,804/BC-MTTQ-BTT,2024-01-30",
        "SK05.01,1,,2024-01-30,804/BC-MTTQ-BTT,2024-01-30",
        "TW02.10,nhiều,,2024-01-30,804/BC-MTTQ-BTT,2024-01-30",
        "TW02.11,,,2024-01-30,804/BC-MTTQ-BTT,2024-01-30",
        "TW02.12,150,cỡ,2024-01-30,804/BC-MTTQ-BTT,2024-01-30",
        "TW02.06,63,,,804/BC-MTTQ-BTT,2024-01-30",
        "TW02.07,3000,,2024-12-30,804/BC-MTTQ-BTT,2024-01-30",
        "TW02.01,199,,2024-01-30,,",
        "TW02.02,305000,,2024-01-30,804/BC-MTTQ-BTT,30/02/2024",
        "TW06.01,3,,2024-01-30,804/BC-MTTQ-BTT,2024-01-30",
        "TW06.01,4,,2024-01-30,804/BC-MTTQ-BTT,2024-01-30",
    )
    with pytest.raises(BadInput) as caught:
        take(cycle_store, file)
    lines = str(caught.value).splitlines()
    assert [line.split(":")[1] for line in lines] == ["2", "3", "4", "5", "6", "7", "8", "9", "10", "12"]
    assert cycle_store.session.query(CentralFigure).count() == 0


def test_the_last_word_counts(cycle_store: Any, tmp_path: Path) -> None:
    header = "code,value,as_of"
    take(
        cycle_store,
        written(tmp_path, header, "TW02.10,14600,2024-02-01"),
        date(2024, 3, 1),
        source="1/BC-MTTW",
    )
    take(
        cycle_store,
        written(tmp_path, header, "TW02.10,14603,2024-03-06"),
        date(2024, 3, 7),
        source="2/BC-MTTW",
    )
    seen = [
        central_figures(cycle_store.session, cycle_store.row.id, APRIL_15, known_on=known_on)["TW02.10"].value
        for known_on in (date(2024, 3, 6), date(2024, 3, 7), None)
    ]
    assert seen == [14600, 14603, 14603]
    assert central_figures(cycle_store.session, cycle_store.row.id, date(2024, 2, 29)) == {}


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ("429/BC-CP", "429/BC-CP ngày 03/9/2023"),
        ("Báo cáo số 429/BC-CP của Chính phủ", "Báo cáo số 429/BC-CP ngày 03/9/2023 của Chính phủ"),
        ("429/BC-CP ngày 03/9/2023", "429/BC-CP ngày 03/9/2023"),
        ("số liệu theo dõi của Văn phòng", "số liệu theo dõi của Văn phòng"),
    ],
)
def test_the_date_stands_behind_the_number(document: str, said: str) -> None:
    assert dated(document, date(2023, 9, 3)) == said
