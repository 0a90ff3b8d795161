"""The commands of an office's day: what they change, what they print, how they end."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests import hostile
from tests.deployments.cli.conftest import CYCLE, REGISTER, Office, form, record
from tests.workplace import BAC_NINH, DIEN_BIEN, HANOI, LETTER, PDF, box, officer

ANY_DATE = re.compile(r"^\d{4}-\d{2}-\d{2}$")


def unit(office: Office, code: str, *more: str) -> dict[str, Any]:
    ran = office.run("status", CYCLE, "--json", "--today", "2024-01-31", *more)
    return next(each for each in ran.json["units"] if each["code"] == code)


# --- status -------------------------------------------------------------------------------------


def test_the_json_of_status_keeps_the_contract(office: Office) -> None:
    assert record(office).code == 0
    found = office.run("status", CYCLE, "--as-of", "2024-01-31", "--today", "2024-02-01", "--json").json
    agreed = [
        *("programme", "cycle", "state", "as_of", "known_on", "rehearsal"),
        *("period_start", "period_end", "open_on", "due_on", "grace_until", "close_on"),
        *("expected", "reported", "usable", "missing", "early", "on_time", "late"),
        *("needs_correction", "quarantined", "messages", "units"),
    ]
    assert list(found)[: len(agreed)] == agreed  # what came later stands behind
    assert (found["programme"], found["cycle"], found["state"]) == ("ctph-109", CYCLE, "open")
    assert (found["as_of"], found["known_on"], found["rehearsal"]) == ("2024-01-31", None, False)
    assert all(ANY_DATE.match(found[name]) for name in found if name.endswith(("_on", "_start", "_end"))
               if found[name])  # fmt: skip
    assert (found["expected"], found["reported"], found["usable"]) == (63, 1, 0)
    assert found["reported"] == found["early"] + found["on_time"] + found["late"]
    assert len(found["missing"]) == 62
    assert "Bắc Ninh" not in found["missing"]
    assert found["messages"]["request"]["accepted"] == 0
    assert found["messages"]["reminder"] == {"accepted": 0, "unknown": 0, "failed": 0}
    bac_ninh = next(each for each in found["units"] if each["code"] == BAC_NINH)
    assert bac_ninh == {
        **{"code": BAC_NINH, "name": "Bắc Ninh", "region": bac_ninh["region"], "state": "letter_only"},
        **{"document_number": "9/BC-SLĐTBXH", "document_date": "2024-01-10", "received_on": "2024-01-11"},
        **{"channel": "exchange", "version": 0, "reminders": 0, "calls": 0},
        **{"open_errors": 0, "open_warnings": 0},
    }


def test_status_in_the_units_of_today(office: Office) -> None:
    assert record(office).code == 0
    day = ("--today", "2024-01-31")
    line = office.run("status", CYCLE, "--view", "34", "--line", *day).out
    assert line.startswith("Theo 34 đơn vị từ 01/7/2025: ")
    found = office.run("status", CYCLE, "--view", "34", "--json", *day).json
    assert (found["view"], found["expected"], len(found["units"])) == ("34", 34, 34)
    assert office.run("status", CYCLE, "--view", "63", "--json", *day).json["expected"] == 63
    assert "01 một phần: Bắc Ninh (thiếu Bắc Giang cũ)" in line
    assert "(Hà Giang ✕, Tuyên" in office.run("status", CYCLE, "--view", "34", *day).out
    office.run("status", CYCLE, "--view", "64", *day).assert_refused("có: 63 (từ 01/8/2008), 34")


def test_status_for_people(office: Office) -> None:
    record(office)
    line = office.run("status", "--line", "--today", "2024-01-31")
    assert line.out.startswith("1/63 Sở đã gửi báo cáo (01 báo cáo, 0 công văn)")
    shown = office.run("status", "--today", "2024-01-31")
    assert "đã có văn bản, chờ biểu số liệu" in shown.out
    assert (line.code, shown.code, line.err, shown.err) == (0, 0, "", "")


def test_looking_back_changes_nothing(office: Office) -> None:
    record(office)
    assert unit(office, BAC_NINH, "--as-of", "2024-01-10")["state"] == "missing"
    assert unit(office, BAC_NINH, "--known-on", "2024-01-11")["state"] == "missing"
    assert unit(office, BAC_NINH, "--known-on", "2024-01-12")["state"] == "letter_only"
    assert record(office, "Hà Nội").code == 0  # no day was noted by looking


# --- opening ------------------------------------------------------------------------------------


def test_a_dry_run_opens_nothing(empty_office: Office) -> None:
    empty_office.run("init")
    empty_office.add("cong-van.pdf", PDF)
    empty_office.run("open", CYCLE, "--today", "2023-12-01")
    ran = empty_office.run("open", CYCLE, *REGISTER, "--dry-run", "--today", "2023-12-13")
    assert ran.code == 0
    assert "Bắc Ninh: chưa có địa chỉ thư" in ran.out
    assert empty_office.run("status", CYCLE, "--json", "--today", "2023-12-13").json["state"] == "planned"


def test_opening_again_is_harmless(office: Office) -> None:
    ran = office.run("open", CYCLE, *REGISTER, "--today", "2023-12-14")
    assert (ran.code, "0 thư yêu cầu" in ran.out) == (0, True)
    assert len(office.run("outbox", "--json").json) == 10


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--letter", "cong-van.pdf"], "Đăng ký công văn cần đủ"),
        (["--letter", "cong-van.pdf", "--number", "1/CV-KHAC", "--signed-on", "2023-12-13", "--by", "A"],
         "đã đăng ký công văn số 777/CV-VPQGGN"),
        (["--letter", "khong-co.pdf", "--number", LETTER, "--signed-on", "2023-12-13", "--by", "A"],
         "Không đọc được tệp khong-co.pdf"),
    ],
)  # fmt: skip
def test_a_letter_that_cannot_be_registered(office: Office, arguments: list[str], words: str) -> None:
    office.run("open", CYCLE, *arguments, "--today", "2023-12-14").assert_refused(words)


# --- replies ------------------------------------------------------------------------------------


def test_a_reply_is_recorded_and_taken_back(office: Office) -> None:
    ran = record(office, "bac ninh", "--file", "cong-van.pdf", "--arrival-no", "1201")
    assert (ran.code, ran.out) == (0, "Đã ghi nhận báo cáo của Bắc Ninh (thư đến 1).\n")
    assert unit(office, BAC_NINH)["channel"] == "exchange"
    again = record(office, "bac ninh", "--file", "cong-van.pdf", "--arrival-no", "1201")
    assert "đã ghi nhận trước đó" in again.out
    undo = ["record", "undo", "1", "--by", "Trưởng phòng", "--today", "2024-01-12"]
    office.run(*undo).assert_refused("--why")
    assert office.run(*undo, "--why", "nhầm tỉnh").code == 0
    assert unit(office, BAC_NINH)["state"] == "under_review"
    office.run(*undo, "--why", "lần nữa").assert_refused("Thư đến 1 không có gì đã tiếp nhận: chờ xử lý.")
    events = office.run("audit", CYCLE, "--json").json
    assert [(e["actor"], e["why"]) for e in events if e["action"] == "hủy tiếp nhận"] == [
        ("Trưởng phòng", "nhầm tỉnh")
    ]


def test_a_form_goes_out_is_checked_and_comes_back_through_the_drop_folder(office: Office) -> None:
    assert office.run("form", CYCLE, "Hà Nội", "-o", "bieu.xlsx", "--today", "2024-01-05").code == 0
    blank = office.run("check", "bieu.xlsx", "--json", "--today", "2024-01-05").json
    assert (blank["unit"], blank["cycle"]) == ("Hà Nội", CYCLE)
    assert {finding["severity"] for finding in blank["findings"]} == {"error"}
    office.add("tot.xlsx", form(office, HANOI))
    assert office.run("check", "tot.xlsx", "--today", "2024-01-05").out.endswith(
        "Không có điểm nào cần rà soát.\n"
    )
    drop = office.folder / "home" / "drop"
    drop.mkdir(exist_ok=True)
    (drop / "ha-noi.xlsx").write_bytes((office.folder / "tot.xlsx").read_bytes())
    collected = office.run("collect", "--today", "2024-01-05")
    assert "tiếp nhận báo cáo của Hà Nội" in collected.out
    assert unit(office, HANOI)["state"] == "draft"
    assert office.run("collect", "--today", "2024-01-05").out == "Không có việc gì đến hạn.\n"


def test_what_waits_is_listed_assigned_and_rejected(office: Office) -> None:
    drop = office.folder / "home" / "drop"
    drop.mkdir(exist_ok=True)
    for name in ("mot.pdf", "hai.pdf"):
        (drop / name).write_bytes(PDF + name.encode())
    plain = office.run("run-day", "--today", "2024-01-12")
    assert (plain.code, plain.out.splitlines()[-1][:15]) == (0, "Chờ người xử lý")
    waiting = office.run("quarantine", "--json").json
    assert [(each["subject"], each["files"]) for each in waiting] == [
        ("hai.pdf", ["hai.pdf"]),
        ("mot.pdf", ["mot.pdf"]),
    ]
    first, second = (str(each["id"]) for each in waiting)
    assign = ["quarantine", "assign", first, "Điện Biên", "--by", "Cán bộ trực", "--today", "2024-01-12"]
    office.run(*assign).assert_refused("cần số và ngày văn bản")
    assert office.run(*assign, "--number", "5/CV-SLĐTBXH", "--date", "2024-01-11").code == 0
    assert unit(office, DIEN_BIEN)["state"] == "letter_only"
    reject = [
        "quarantine",
        "reject",
        second,
        "--by",
        "Cán bộ trực",
        "--why",
        "thư rác",
        "--today",
        "2024-01-12",
    ]
    assert office.run(*reject).code == 0
    assert office.run("quarantine", "--json").json == []
    assert "Chờ xử lý: 0 thư" in office.run("quarantine").out


def test_findings_are_listed_and_let_stand(office: Office) -> None:
    office.add("sai.xlsx", form(office, HANOI, MH03_05=3, MH03_10=5))
    assert record(office, "Hà Nội", "--values", "sai.xlsx").code == 0
    (error,) = [f for f in office.run("findings", CYCLE, "--json").json if f["severity"] == "error"]
    assert (error["unit"], error["rule"], error["waived_by"]) == ("Hà Nội", "PART-MH03-MTTQ", None)
    shown = office.run("findings", "--unit", "Hà Nội")
    assert "đề nghị rà soát" in shown.out
    waive = ["waive", str(error["id"]), "--by", "Trưởng phòng", "--today", "2024-01-13"]
    office.run(*waive).assert_refused("--why")
    assert office.run(*waive, "--why", "đã xác minh").code == 0
    assert unit(office, HANOI)["state"] == "accepted_with_waivers"


# --- reminders, calls, extensions, messages -----------------------------------------------------


def test_reminders_are_previewed_and_queued(office: Office) -> None:
    office.run("call", CYCLE, "Hà Nội", "--by", "A", "--spoke-to", "Văn thư", "--result", "sẽ gửi",
               "--promised-on", "2024-01-12", "--today", "2024-01-08")  # fmt: skip
    extended = office.run("extend", CYCLE, "Điện Biên", "--until", "2024-01-31", "--by", "B",
                          "--why", "mưa lũ", "--today", "2024-01-09")  # fmt: skip
    assert "Thư báo hạn mới chờ gửi đến 2 địa chỉ" in extended.out
    preview = office.run("remind", "--dry-run", "--today", "2024-01-10")
    assert "annual-2023: nhắc lần 1 Bắc Ninh" in preview.out
    assert "Hà Nội" not in preview.out
    assert "Điện Biên" not in preview.out
    assert len(office.run("outbox", "--json").json) == 12
    queued = office.run("remind", "--today", "2024-01-10", "--exit-code")
    assert "✓ nhắc lần 1: Bắc Ninh" in queued.out
    assert queued.code == 10  # the units without an address wait for a person
    office.run("outbox", "--state", "x").assert_refused("chọn một trong: queued (đang xếp hàng), leased")
    kinds = [each["kind"] for each in office.run("outbox", "--json", "--state", "queued").json]
    assert [kinds.count(each) for each in ("request", "extension", "reminder")] == [10, 2, 6]


def test_a_message_can_be_looked_at_before_it_leaves(office: Office) -> None:
    (message,) = [each for each in office.run("outbox", "--json").json if each["recipient"] == box(HANOI)]
    shown = office.run("outbox", "show", str(message["id"]))
    assert "From: Văn phòng Quốc gia về giảm nghèo <bao-cao@van-phong.example>" in shown.out
    assert f"thành phố Hà Nội <{box(HANOI)}>" in shown.out
    assert "[tệp kèm: cong-van-777-CV-VPQGGN.pdf]" in shown.out
    assert LETTER in shown.out
    assert shown.out.count("[tệp kèm: ") == 3  # letter, form, outline
    office.run("outbox", "show", "999").assert_refused("999")
    office.run("outbox", "resolve", str(message["id"]), "sent", "--by", "A", "--why", "B", "--today",
               "2023-12-14").assert_refused("chưa rõ đã đi hay chưa")  # fmt: skip
    office.run("outbox", "release", str(message["id"]), "--by", "A", "--today", "2023-12-14").assert_refused(
        "đang xếp hàng"
    )


def test_contacts_go_out_and_in(office: Office) -> None:
    assert office.run("contacts", "export", "xuat.csv", "--today", "2023-12-20").code == 0
    assert not (office.folder / "xuat.csv").stat().st_mode & 0o077
    text = (office.folder / "xuat.csv").read_text(encoding="utf-8-sig")
    assert officer(HANOI) in text
    office.add("doi.csv", text.replace(officer(HANOI), "moi@tinh-01.example"))
    preview = office.run("contacts", "import", "doi.csv", "--by", "A", "--dry-run", "--today", "2023-12-20")
    assert "thêm: Hà Nội moi@tinh-01.example" in preview.out
    office.add("sai.csv", "code,role,email\n01,officer,khong-dung\n")
    office.run("contacts", "import", "sai.csv", "--by", "A", "--today", "2023-12-20").assert_refused(
        "sai.csv:2"
    )


# --- call-list, handover ------------------------------------------------------------------------


def test_call_list_and_handover_change_nothing_and_say_the_same_as_json(office: Office) -> None:
    before = office.run("audit", "--json").json
    listed = office.run("call-list", CYCLE, "--json", "--today", "2024-01-16").json
    assert len(listed) == 63
    assert {each["name"] for each in listed} >= {"Bắc Ninh", "Bình Định"}
    assert "Cần gọi: 63 đơn vị" in office.run("call-list", "--today", "2024-01-16").out
    assert "không có đơn vị nào cần gọi" in office.run("call-list", "--today", "2024-01-20").out
    (handed,) = office.run("handover", "--json", "--today", "2024-01-16").json
    assert (handed["cycle"], [each["kind"] for each in handed["matters"]]) == (CYCLE, ["no-address"])
    assert "Đơn vị chưa có địa chỉ thư: 58" in office.run("handover", "--today", "2024-01-16").out
    assert office.run("audit", "--json").json == before
    assert record(office, today="2024-01-12").code == 0  # the day was not moved either


def test_status_page_is_written_where_it_says(office: Office) -> None:
    ran = office.run("status", "--page", "--today", "2024-01-09")
    quality, status = (Path(line) for line in ran.out.splitlines())
    assert "Chất lượng số liệu" in quality.read_text(encoding="utf-8")
    text = status.read_text(encoding="utf-8")
    assert "Còn 6 ngày đến hạn nộp 15/01/2024" in text


def test_a_file_that_kills_its_reader_is_one_line(office: Office) -> None:
    office.add("xa.xlsx", hostile.far_cell())
    office.run("check", "xa.xlsx").assert_refused("xa.xlsx: Tệp quá lớn")
    office.add("nang.xlsx", hostile.many_long_texts())
    office.run("check", "nang.xlsx").assert_refused("nang.xlsx: Tệp không đọc được trong giới hạn an toàn")


# --- backup, restore ----------------------------------------------------------------------------


def test_backup_and_restore_by_command(office: Office) -> None:
    assert office.run("backup", "sao-luu.tar.gz").code == 0
    office.run("backup", "sao-luu.tar.gz").assert_refused("Đã có")
    office.run("restore", "sao-luu.tar.gz").assert_refused("không trống")
    office.run("restore", "khong-co.tar.gz", home="moi").assert_refused("Không đọc được")
    assert office.run("restore", "sao-luu.tar.gz", home="moi").code == 0
    assert office.run("init", home="moi").code == 0
    args = ("status", CYCLE, "--json", "--today", "2024-01-09")
    assert office.run(*args, home="moi").json == office.run(*args).json


# --- export, import -----------------------------------------------------------------------------


def test_the_figures_of_a_cycle_go_into_another_home(office: Office) -> None:
    values = office.add("bieu.xlsx", form(office, BAC_NINH, "9/BC-SLĐTBXH", date(2024, 1, 10), MH03_05=7))
    record(office, "Bắc Ninh", "--values", values)
    office.run("run-day", "--today", "2024-05-02")  # past the close
    assert "Đã xuất số liệu của 1 đơn vị vào ky.xlsx" in office.run("export", CYCLE, "-o", "ky.xlsx").out
    office.run("export", CYCLE, "-o", "ky.xlsx").assert_refused("Đã có ky.xlsx")
    office.run("export", CYCLE, "-o", "ky.csv").assert_refused("đuôi .xlsx")
    assert office.run("init", home="moi").code == 0
    late = ("--today", "2024-06-03")
    office.run("import", "ky.xlsx", *late, home="moi").assert_refused("--by")
    ran = office.run("import", "ky.xlsx", "--by", "Văn thư", *late, home="moi")
    assert (ran.code, ran.err) == (0, "")
    assert "✓ nhập số liệu kỳ annual-2023: 1 đơn vị, 0 đơn vị đã có từ trước" in ran.out
    told = {
        home: next(
            each
            for each in office.run("status", CYCLE, "--json", *late, home=home).json["units"]
            if each["code"] == BAC_NINH
        )
        for home in ("home", "moi")
    }
    assert told["moi"]["channel"] == "import"
    assert {**told["home"], "channel": None} == {**told["moi"], "channel": None}
    broken = office.add("sai.csv", "Kỳ;Mã đơn vị;Mã;Số liệu\nannual-2023;Kinh Bắc;MH03.05;7\n")
    office.run("import", broken, "--by", "Văn thư", *late, home="moi").assert_refused("sai.csv:2: ")


def test_a_cycle_planned_by_mistake_is_taken_back(empty_office: Office) -> None:
    empty_office.run("init")
    empty_office.run("open", "annual-2023", "--today", "2024-11-15").assert_refused("nhất là năm")
    assert empty_office.run("open", "annual-2023", "--today", "2023-12-06").code == 0
    back = ["open", "annual-2023", "--take-back", "nhầm kỳ", "--today", "2023-12-06"]
    empty_office.run(*back).assert_refused("--by")
    ran = empty_office.run(*back, "--by", "Văn thư")
    assert (ran.code, ran.err) == (0, "")
    assert "Đã rút kỳ annual-2023" in ran.out
    empty_office.run(*back, "--by", "Văn thư").assert_refused("chưa được lập")
