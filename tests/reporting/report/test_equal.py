"""The same figure is the same in every finished file of a version."""

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

from tests.compiling import compile_cycle
from tests.finished_report import chart_words, controls, disagreements, figures, totals
from tests.workplace import BAC_NINH, CYCLE, DIEN_BIEN, HANOI, Workplace

END = date(2024, 4, 30)


def test_text_annexes_notes_workbook_json_and_pdf_agree(
    place: Workplace, spoil: Callable[[Path, str, bytes, bytes], None]
) -> None:
    place.report(HANOI, date(2024, 1, 9), MH03_05=12, MH03_07=100, MH03_08=17, MH03_09=3, NL02_01=1250)
    place.report(BAC_NINH, date(2024, 1, 9), MH03_05=3, MH03_10=5)  # a part greater than its whole
    place.report(DIEN_BIEN, date(2024, 2, 1), MH03_05=1234, NX07_02="Thiếu cán bộ & kinh phí.")
    outcome = compile_cycle(place.context(END), CYCLE, as_of=END)
    compiled = Path(outcome.done[0].partition(": ")[2])
    assert (compiled / "bao-cao.pdf").exists()
    assert disagreements(compiled) == []
    told = figures(compiled)
    assert told["MH03.05"]["value"] == "1249"
    assert ("MH03.05", "1.249") in controls(compiled)
    assert totals(compiled)["MH03.05"] == Decimal(1249)
    said = {code for code, _ in controls(compiled)}
    sums = {
        code
        for code, figure in told.items()
        if figure["kind"] == "sum" and figure["value"] not in (None, "0")
    }
    assert sums - said == set()  # no sum is left out of the report
    assert len(chart_words(compiled)) == 3  # the charts, said from the data they are drawn from
    # The comparison itself sees a difference, in whichever file.
    spoil(compiled / "bao-cao.docx", "word/document.xml", b">1.249<", b">1.250<")
    assert any("MH03.05: bao-cao.docx '1.250'" in line for line in disagreements(compiled))
    file = compiled / "figures.json"
    changed = file.read_text(encoding="utf-8").replace('"value": "1249"', '"value": "1250"')
    file.write_text(changed, encoding="utf-8")
    assert "MH03.05: figures.json 1250, so-lieu.xlsx 1249.0" in disagreements(compiled)
    data = json.loads(changed)
    next(each for each in data["figures"] if each["code"] == "SY00.01")["value"] = "4"
    file.write_text(json.dumps(data), encoding="utf-8")
    assert any(line.startswith("curve: 3 != 4") for line in disagreements(compiled))
