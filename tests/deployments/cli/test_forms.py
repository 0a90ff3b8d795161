"""form and check: what goes out to a department, and what is said of it when it comes back."""

import subprocess
import sys
from datetime import date
from typing import Any

import pytest

from reporting.word.filling import text_of
from tests.deployments.cli.conftest import Office, form, signed_mail
from tests.deployments.cli.test_help import PROGRAM
from tests.reporting.forms.filling import delimited, filled, table
from tests.workplace import CYCLE, HANOI

TODAY = ("--today", "2024-01-05")
OUTLINE = "de-cuong-bao-cao.docx"


def test_the_outline_is_written_beside_the_form_and_filled_from_one(office: Office) -> None:
    ran = office.run("form", CYCLE, "Hà Nội", "-o", "bieu.xlsx", "--draft", *TODAY)
    assert ran.out.splitlines() == ["Đã ghi bieu.xlsx.", f"Đã ghi {OUTLINE}."]
    assert "Số dự án, mô hình giảm nghèo: …" in text_of((office.folder / OUTLINE).read_bytes())
    office.add("da-dien.xlsx", form(office, HANOI, MH03_05=25349))
    filling = ("form", CYCLE, "Hà Nội", "-o", "bieu.xlsx", "--draft", "--values")
    assert office.run(*filling, "da-dien.xlsx", *TODAY).code == 0
    assert "Số dự án, mô hình giảm nghèo: 25.349 dự án" in text_of((office.folder / OUTLINE).read_bytes())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["-o", "b.xlsx", "--values", "cua-ha-noi.xlsx"], "chỉ dùng cùng với --draft"),
        (["-o", "cua-ha-noi.xlsx", "--draft", "--values", "cua-ha-noi.xlsx"], "ghi đè"),
        (["-o", "b.xlsx", "--draft", "--values", "cua-ha-noi.xlsx"], "không phải của Nghệ An"),
        (["-o", "b.xlsx", "--draft", "--values", "cong-van.pdf"], "cong-van.pdf: Tệp là văn bản PDF"),
        (["-o", "b.xlsx", "--draft", "--values", "khong-co.xlsx"], "Không đọc được tệp"),
    ],
    ids=["no draft", "overwrites", "another unit", "no form", "no file"],
)
def test_what_cannot_fill_an_outline_is_refused(office: Office, arguments: list[str], words: str) -> None:
    office.add("cua-ha-noi.xlsx", form(office, HANOI))
    office.run("form", CYCLE, "Nghệ An", *arguments, *TODAY).assert_refused(words)
    assert not (office.folder / OUTLINE).exists()


def said(findings: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    names = ("rule", "severity", "indicator", "cell", "seen", "message")
    return [tuple(each[name] for name in names) for each in findings]


@pytest.mark.parametrize("kind", ["good", "faulty", "text file", "empty"])
def test_check_says_what_the_receive_pass_says(office: Office, kind: str) -> None:
    content = form(office, HANOI, **({"MH03_05": None, "MH03_07": None} if kind == "empty" else {}))
    if kind == "faulty":
        wrong = {"MH03.05": "khoảng 30", "MH03.10": 25.349, "HN06.01": -3, "NL02.01": 1e18, "KT04.01": "15"}
        content = filled(content, wrong)
    name = "ha-noi.csv" if kind == "text file" else "ha-noi.xlsx"
    if kind == "text file":
        content = delimited(table(filled(content, {"MH03.05": 1})), ";").encode()
    office.add(name, content)
    checked = office.run("check", name, "--json", *TODAY).json["findings"]
    drop = office.folder / "home" / "drop"
    drop.mkdir(exist_ok=True)
    (drop / name).write_bytes(content)
    assert "tiếp nhận báo cáo của Hà Nội" in office.run("collect", *TODAY).out
    stored = office.run("findings", CYCLE, "--unit", "Hà Nội", "--json").json
    assert said(checked) == said(stored)
    assert bool(checked) == (kind != "good")


def test_a_number_no_department_has_is_asked_about_and_an_impossible_sum_marked(office: Office) -> None:
    """đồng typed for triệu đồng, digits typed twice; the same of a size that may be is left in peace."""
    large = {"NL02.02": 7_973_693, "NL02.06": 999_999_999_999, "KT04.01": 900_000, "SK05.03": 88_888_888}
    impossible = {"NL02.01": 222_625_400_000}
    ordinary = {"NL02.07": 382_000, "MH03.01": 105_376, "HN06.03": 12}
    given = {code.replace(".", "_"): value for code, value in (large | impossible | ordinary).items()}
    office.add("ha-noi.xlsx", form(office, HANOI, "7/BC-SLĐTBXH", date(2024, 1, 4), **given))
    checked = office.run("check", "ha-noi.xlsx", "--json", *TODAY).json["findings"]
    assert {(each["rule"], each["severity"]) for each in checked} == {
        ("RANGE-NL02.01", "error"),
        *((f"LIMIT-{code}", "warning") for code in large),
    }
    money = next(each for each in checked if each["rule"] == "LIMIT-NL02.02")
    assert "đơn vị tính của biểu là triệu đồng" in money["message"]
    assert (money["seen"], money["expected"]) == ("NL02.02 = 7.973.693", "đến 6.000.000")
    drop = office.folder / "home" / "drop"
    drop.mkdir(exist_ok=True)
    mail = signed_mail(office, HANOI, (office.folder / "ha-noi.xlsx").read_bytes())
    (drop / "ha-noi.eml").write_bytes(mail)
    assert office.run("collect", *TODAY).code == 0
    total = office.run("explain", CYCLE, "NL02.01", "--as-of", "2024-01-05")
    assert "còn điểm đề nghị rà soát" in total.out


def test_an_event_after_the_date_of_the_report_is_asked_back(office: Office) -> None:
    """A report of 9 January that came on the 20th, with a programme of the 16th."""
    values = {"CT00_01": "rieng", "CT00_04": None, "CT00_02": "07/CTr-SLĐTBXH-MTTQ", "CT00_03": "2024-01-16"}
    office.add("ha-noi.xlsx", form(office, HANOI, "7/BC-SLĐTBXH", date(2024, 1, 9), **values))
    (late,) = office.run("check", "ha-noi.xlsx", "--json", "--today", "2024-01-20").json["findings"]
    assert (late["rule"], late["severity"]) == ("DATE-CT00.03", "error")
    assert late["expected"] == "không sau 09/01/2024"


def test_check_gives_the_reason_beside_the_warning(office: Office) -> None:
    reason = {"NL02.01": "Có một nhà tài trợ lớn."}
    office.add("ha-noi.xlsx", form(office, HANOI, explanations=reason, NL02_01=2_000_001))
    (asked,) = office.run("check", "ha-noi.xlsx", "--json", *TODAY).json["findings"]
    assert (asked["rule"], asked["explanation"]) == ("LIMIT-NL02.01", reason["NL02.01"])
    assert asked["explained_in"] == CYCLE


def test_check_works_offline_and_without_great_expectations(office: Office) -> None:
    office.add("bieu.xlsx", form(office, HANOI))
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, "--home", "home", "check", "bieu.xlsx", *TODAY],
        cwd=office.folder,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert "Không có điểm nào cần rà soát" in ran.stdout
    assert not {"great_expectations", "pandas", "prefect"} & set(ran.stderr.split())
