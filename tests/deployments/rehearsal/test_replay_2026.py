"""Cycles of today: 34 provinces, a successor's departments, a stand-in for the succeeding document.

Nobody wrote a scenario for them: it is made by rule, and earlier years are entered as records.
"""

import json
import shutil
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import docx
import pytest

from deployments.rehearsal.generated import SILENT
from deployments.rehearsal.scenario import Scenario, load_scenario
from deployments.rehearsal.values import values_of
from reporting.programme.lineage import groups
from reporting.programme.model import Programme
from reporting.report.annexes.slip import OPINION
from tests.deployments.loopback import connections_outside, loopback_environment
from tests.deployments.rehearsal.rehearsed import Rehearsal, doubles, mails_delivered
from tests.workplace import SIGNED, whole_programme

_REPLAY = """
import sys
from pathlib import Path
from config.settings import Settings
from deployments.rehearsal.replay import replay
replay(Settings(home=Path(sys.argv[1])), sys.argv[2], tell=print, with_prefect=False)
"""


def replayed(folder: Path, cycle: str) -> Rehearsal:
    """A rehearsal walked without Prefect: that of 2023 is there to show it with it."""
    rehearsal = Rehearsal(folder / "home", loopback_environment(folder / "outside.log"))
    done = subprocess.run(
        [sys.executable, "-c", _REPLAY, str(rehearsal.home), cycle],
        env={**rehearsal._inherited(), **rehearsal.environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    return rehearsal


def ours(cycle: str) -> Programme:
    return whole_programme().rehearsing(cycle)


def scenario(rehearsal: Rehearsal, cycle: str, home_of: str) -> Scenario:
    """The scenario of a cycle as the rehearsal of another kept it."""
    return load_scenario(ours(home_of), cycle, rehearsal.home / "rehearsal" / "scenario" / cycle)


@pytest.fixture(scope="module")
def annual(tmp_path_factory: pytest.TempPathFactory) -> Rehearsal:
    return replayed(tmp_path_factory.mktemp("annual-2026"), "annual-2026")


def told(rehearsal: Rehearsal, *command: str) -> dict[str, Any]:
    done = rehearsal.run(*command, "--json", "--today", "2027-04-30")
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def answered(which: Scenario, home_of: str, code: str) -> dict[str, Decimal]:
    """Unit -> its number in the scenario; without those that have none yet."""
    given = {}
    for each in which.departments:
        value = values_of(ours(home_of), which.cycle, each.code, which.folder).get(code)
        if isinstance(value, Decimal):
            given[each.code] = value
        elif value is not None and "chưa có" not in value:
            given[each.code] = Decimal(0)
    return given


@pytest.mark.deep
@pytest.mark.ci
class TestAnnual2026:
    def test_34_provinces_are_asked_and_those_that_answer_are_counted(self, annual: Rehearsal) -> None:
        own = scenario(annual, "annual-2026", "annual-2026")
        status = told(annual, "status", "annual-2026")
        assert (status["expected"], status["reported"]) == (34, 34 - SILENT)
        assert status["rehearsal"] is True
        names = {unit.code: unit.name for unit in ours("annual-2026").expected_units(own.cycle)}
        silent = {names[code] for code in names.keys() - own.by_code.keys()}
        assert set(status["missing"]) == silent
        assert len(silent) == SILENT
        assert doubles(annual) == {}
        assert connections_outside(annual.home.parent / "outside.log") == []

    def test_every_sum_is_that_of_the_answers(self, annual: Rehearsal) -> None:
        own = scenario(annual, "annual-2026", "annual-2026")
        (report,) = (annual.home / "reports" / "ctph-109" / "annual-2026").glob("*/v1")
        figures = {
            each["code"]: each for each in json.loads((report / "figures.json").read_text())["figures"]
        }
        counted = 0
        for indicator in ours("annual-2026").indicators:
            figure = figures.get(indicator.code)
            if figure is None or figure["kind"] != "sum":
                continue
            given = answered(own, "annual-2026", indicator.code)
            late = given.keys() - set(figure["units"])  # a supplement that was still awaited
            assert not late or indicator.supplement, indicator.code
            total = sum((given[code] for code in figure["units"]), Decimal(0))
            assert Decimal(figure["value"] or 0) == total, indicator.code
            counted += 1
        assert counted > 40
        assert "KT04.02" not in figures  # inspections of districts ended with the districts
        assert Decimal(figures["KT04.03"]["value"]) > 0

    def test_who_writes_and_under_what_is_of_2026(self, annual: Rehearsal) -> None:
        (report,) = (annual.home / "reports" / "ctph-109" / "annual-2026").glob("*/v1")
        document = docx.Document(str(report / "bao-cao.docx"))
        cells = [cell.text for table in document.tables[:1] for row in table.rows for cell in row.cells]
        words = "\n".join([*cells, *(paragraph.text for paragraph in document.paragraphs)])
        assert "[văn bản kế tiếp]" in words
        assert "[chương trình kế tiếp Chương trình phối hợp số 109]" in words
        assert "BỘ NÔNG NGHIỆP VÀ MÔI TRƯỜNG" in words
        for old in ("109/CTr-BLĐTBXH-MTTW", "Lao động - Thương binh", "LĐTBXH"):
            assert old not in words, old
        for mails in mails_delivered(annual).values():
            for mail in mails:
                assert "DIỄN TẬP" in str(mail["Subject"])
                text = mail.get_body(("plain",)).get_content()
                assert "Sở Nông nghiệp và Môi trường" in text
                assert "[chương trình kế tiếp" in text

    @pytest.mark.parametrize("year", ["2025", "2023"])
    def test_it_is_compared_with_earlier_years_across_the_merger(self, annual: Rehearsal, year: str) -> None:
        now_109, home_of = ours("annual-2026"), "annual-2026"
        own = scenario(annual, "annual-2026", home_of)
        if year == "2023":
            then = load_scenario(now_109, "annual-2023")
        else:
            then = scenario(annual, "annual-2025", home_of)
        changes = told(annual, "changes", "annual-2026", "--against", f"annual-{year}")
        found = {each["code"]: each for each in changes["changes"]}
        now, before = answered(own, home_of, "MH03.05"), answered(then, home_of, "MH03.05")
        status = told(annual, "status", "annual-2026")
        usable = {unit["code"] for unit in status["units"] if unit["version"]}
        whole = [
            group
            for group in groups(
                now_109, now_109.expected_units(then.cycle), now_109.expected_units(own.cycle)
            )
            if all(unit.code in before for unit in group.before)
            and all(unit.code in now and unit.code in usable for unit in group.after)
        ]
        change = found["MH03.05"]
        assert change["coverage"] == {"n": len(whole), "N": 34}
        assert Decimal(change["before"]) == sum(before[u.code] for group in whole for u in group.before)
        assert Decimal(change["now"]) == sum(now[u.code] for group in whole for u in group.after)
        assert any(len(group.before) > 1 for group in whole) is (year == "2023")

    def test_the_report_is_approved_and_issued(self, annual: Rehearsal, tmp_path: Path) -> None:
        shutil.copytree(annual.home, tmp_path / "home")
        copy = Rehearsal(tmp_path / "home", {"KYBAOCAO_MAIL_FROM": "kybaocao@vpqggn.example"})
        (report,) = (copy.home / "reports" / "ctph-109" / "annual-2026").glob("*/v1")
        paper = docx.Document(str(report / "bao-cao.docx"))
        for run in (run for paragraph in paper.paragraphs for run in paragraph.runs if OPINION in run.text):
            run.text = run.text.replace(OPINION, "Các địa phương đã triển khai tích cực.")
        paper.save(str(tmp_path / "ban-ky.docx"))
        (tmp_path / "ban-ky.pdf").write_bytes(SIGNED)
        steps = ours("annual-2026").approval
        for step in steps:
            why = ["--why", "Số liệu được rà soát ở kỳ sau"] if step is steps[-1] else []
            done = copy.run("approve", "annual-2026", "--by", f"{step.name} (diễn tập)", *why,
                            "--today", "2027-05-04")  # fmt: skip
            assert done.returncode == 0, done.stderr
        done = copy.run("issue", "annual-2026", "--number", "01/BC-BNNMT", "--signed-on", "2027-05-05",
                        "--signed-pdf", str(tmp_path / "ban-ky.pdf"), "--final-docx",
                        str(tmp_path / "ban-ky.docx"), "--by", "Văn thư (diễn tập)", "--today",
                        "2027-05-05", "--confirm", "Diễn tập")  # fmt: skip
        assert done.returncode == 0, done.stderr
        status = json.loads(copy.run("status", "annual-2026", "--json", "--today", "2027-05-05").stdout)
        assert status["report"]["state"] == "issued"


@pytest.mark.deep
def test_the_half_year_of_2026_runs_to_its_report(tmp_path: Path) -> None:
    rehearsal = replayed(tmp_path, "six-month-2026")
    done = rehearsal.run("status", "six-month-2026", "--json", "--today", "2026-09-30")
    status = json.loads(done.stdout)
    assert (status["expected"], status["reported"]) == (34, 34 - SILENT)
    (report,) = (rehearsal.home / "reports" / "ctph-109" / "six-month-2026").glob("*/v1")
    words = "\n".join(paragraph.text for paragraph in docx.Document(str(report / "bao-cao.docx")).paragraphs)
    assert "6 tháng đầu năm 2026" in words
