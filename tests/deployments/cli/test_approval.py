"""A whole approval as people do it: returned, stopped by a late reply, approved, issued, put right."""

import hashlib
import io
from datetime import date
from pathlib import Path

import docx
import pytest
from docx.oxml import OxmlElement

from config.settings import Settings
from reporting.home.folder import open_home
from reporting.report.annexes.slip import OPINION
from tests.deployments.cli.conftest import Office
from tests.workplace import (
    BAC_NINH,
    CYCLE,
    HANOI,
    OWN,
    PDF,
    QUANG_TRI,
    SIGNED,
    Workplace,
    box,
    officer,
    whole_programme,
)

PEOPLE = ("Chuyên viên tổng hợp", "Chánh Văn phòng", "Đại diện Mặt trận", "Thứ trưởng")
FIRST, SECOND = "2024-04-15", "2024-04-19"


def arrives(office: Office, code: str, number: str, day: date) -> None:
    """A mail with form and signed document, laid into the drop folder by the office, and collected."""
    settings = Settings(home=office.folder / "home", mail_from=OWN)
    place = Workplace(open_home(settings), settings, whole_programme())
    place.home.drop.mkdir(exist_ok=True)
    files = {"bieu.xlsx": place.form(code, number, day), "bao-cao.pdf": PDF + number.encode()}
    (place.home.drop / f"{code}.eml").write_bytes(place.mail(box(code), files))
    place.home.engine.dispose()
    ran = office.run("collect", "--today", day.isoformat())
    assert ran.code == 0, ran


def finished(office: Office, version: str) -> str:
    """The Word file as the leader signs it: part III is written. Its name in the folder.

    Only the run with the mark is written anew: another may hold the sign of a footnote.
    """
    paper = docx.Document(str(office.folder / version / "bao-cao.docx"))
    for paragraph in paper.paragraphs:
        for run in (run for run in paragraph.runs if OPINION in run.text):
            run.text = run.text.replace(OPINION, "Các địa phương đã triển khai tích cực.")
    buffer = io.BytesIO()
    paper.save(buffer)
    (office.folder / "ban-ky.docx").write_bytes(buffer.getvalue())
    return "ban-ky.docx"


def annotate(file: Path) -> None:
    """Somebody goes on with changes tracked, and leaves a comment."""
    paper = docx.Document(str(file))
    run = paper.paragraphs[8].add_run(" (sửa)")
    paper.add_comment(run, text="Xem lại", author="Chuyên viên")
    inserted = OxmlElement("w:ins")
    run._r.addprevious(inserted)
    inserted.append(run._r)
    paper.save(str(file))


def hashes(folder: Path) -> dict[str, str]:
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(folder.iterdir())}


@pytest.fixture(autouse=True)
def quick_pdf(monkeypatch: pytest.MonkeyPatch) -> None:
    """Typst lays out the PDF: the office program has tests of its own."""
    monkeypatch.setattr("reporting.report.pdf.make.find_office", lambda: None)


def test_a_decision_that_is_long_in_coming_waits_in_the_day(office: Office) -> None:
    arrives(office, HANOI, "31/BC-SLĐTBXH", date(2024, 1, 9))
    assert office.run("compile", CYCLE, "--as-of", FIRST, "--today", FIRST).code == 0
    assert office.run("approve", CYCLE, "--by", PEOPLE[0], "--today", FIRST).code == 0
    waits = f"báo cáo {CYCLE}, phiên bản 1"
    assert waits not in office.run("run-day", "--today", SECOND).out
    assert waits in office.run("run-day", "--today", "2024-04-22").out


def test_a_whole_approval(office: Office) -> None:
    arrives(office, HANOI, "31/BC-SLĐTBXH", date(2024, 1, 9))
    assert office.run("compile", CYCLE, "--as-of", FIRST, "--today", FIRST).code == 0

    def approve(who: int, day: str, *more: str) -> str:
        ran = office.run("approve", CYCLE, "--by", PEOPLE[who], "--today", day, *more)
        assert (ran.code, ran.err) == (0, ""), ran
        return ran.out

    assert "chờ bước Lãnh đạo Văn phòng Quốc gia về giảm nghèo" in approve(0, FIRST)
    office.run("return", CYCLE, "--by", PEOPLE[1], "--today", FIRST).assert_refused("--comment")
    ran = office.run("return", CYCLE, "--by", PEOPLE[1], "--comment", "Viết gọn mục II", "--today", FIRST)
    assert f"được trả lại ({PEOPLE[1]}: Viết gọn mục II)" in ran.out
    approve(0, FIRST)
    approve(1, FIRST, "--comment", "Đồng ý trình")

    arrives(office, BAC_NINH, "28/BC-SLĐTBXH", date(2024, 4, 19))
    again = ("approve", CYCLE, "--by", PEOPLE[2], "--today", SECOND)
    office.run(*again).assert_refused("Bắc Ninh: văn bản số 28/BC-SLĐTBXH, nhận ngày 19/4/2024")
    paper = office.add("ban-ky.pdf", SIGNED)
    issue = ("issue", CYCLE, "--number", "67/BC-BLĐTBXH", "--signed-pdf", paper, "--by", "Văn thư Bộ")
    office.run(*issue, "--signed-on", SECOND, "--today", SECOND).assert_refused(
        "chỉ ban hành báo cáo đã được duyệt"
    )

    assert office.run("compile", CYCLE, "--as-of", SECOND, "--today", SECOND).code == 0
    for who in range(4):
        said = approve(who, SECOND)
    assert "đã duyệt, chờ ban hành" in said
    office.run("approve", CYCLE, "--by", "Một Người Khác", "--today", SECOND).assert_refused(
        "đã được duyệt đủ các bước (Thứ trưởng, ngày 19/4/2024)"
    )

    signed = ("--signed-on", SECOND, "--today", "2024-04-22")
    office.run(*issue, "--signed-on", FIRST, "--today", SECOND).assert_refused(
        "ở trước ngày chốt số liệu 19/04/2024"
    )
    office.run(*issue, *signed).assert_refused(f"còn dấu '{OPINION}'")
    folder = f"home/reports/ctph-109/{CYCLE}/{SECOND}/v1"
    final = finished(office, folder)
    bad = office.add("khong-phai.pdf", b"PK")
    office.run(*issue[:5], bad, *issue[6:], *signed, "--final-docx", final).assert_refused(
        "không phải là PDF"
    )
    annotate(office.folder / final)
    office.run(*issue, *signed, "--final-docx", final).assert_refused(
        "còn 1 chỗ sửa theo dõi (Track Changes) chưa chấp nhận hoặc từ chối và 1 ý kiến ghi bên lề"
    )
    with_it = ("--final-docx", final, "--with-changes")
    office.run(*issue, *signed, *with_it).assert_refused("Cần người xác nhận trước khi ban hành: ")
    ran = office.run(*issue, *signed, *with_it, "--confirm", "Đã xem từng trang")
    assert "bản Word còn 1 chỗ sửa theo dõi" in str(office.run("audit", CYCLE, "--json").json)
    assert (ran.code, ran.err) == (0, ""), ran
    assert "Đã ghi Báo cáo số 67/BC-BLĐTBXH ngày 19/4/2024." in ran.out
    out = office.folder / f"home/reports/ctph-109/{CYCLE}/ban-hanh/1"
    kept = hashes(out)
    assert set(kept) == {"bao-cao-67-BC-BLDTBXH.pdf", "bao-cao-67-BC-BLDTBXH.docx", "phieu-chuyen.docx"}
    assert (out / "bao-cao-67-BC-BLDTBXH.pdf").read_bytes() == SIGNED

    copies = [m for m in office.run("outbox", "--json").json if m["kind"] == "report_copy"]
    assert {m["recipient"] for m in copies} == {
        address(code) for code in ("01", "11", "27", "40", "45") for address in (box, officer)
    }
    assert {m["state"] for m in copies} == {"held"}  # the programme's first cycle: a person releases them
    own = {m["recipient"]: office.run("outbox", "show", str(m["id"])).out for m in copies}
    assert "số 28/BC-SLĐTBXH ngày 19/4/2024; biểu số liệu đã được tổng hợp" in own[box(BAC_NINH)]
    assert "chưa nhận được báo cáo của Quý Sở" in own[box(QUANG_TRI)]
    # The same again completes what is missing and sends nothing twice; another number is refused.
    assert office.run(*issue, *signed, "--final-docx", final).code == 0  # registered: nothing is judged again
    assert len([m for m in office.run("outbox", "--json").json if m["kind"] == "report_copy"]) == len(copies)
    office.run("issue", CYCLE, "--number", "68/BC-BLĐTBXH", *issue[4:], *signed).assert_refused(
        "đã ban hành báo cáo số 67/BC-BLĐTBXH ngày 19/4/2024"
    )
    office.run("approve", CYCLE, "--by", "Ai Đó", "--today", "2024-04-22").assert_refused("correct-report")

    arrives(office, QUANG_TRI, "45/BC-SLĐTBXH", date(2024, 4, 25))
    said = office.run("status", CYCLE, "--today", "2024-04-25").out
    assert "đã ban hành, số 67/BC-BLĐTBXH ngày 19/4/2024" in said
    assert "Đến sau ngày ký: Quảng Trị" in said
    told = office.run("status", CYCLE, "--today", "2024-04-25", "--json").json
    assert (told["reported"], told["report"]["state"], told["report"]["late"]) == (3, "issued", ["Quảng Trị"])
    day = ("--signed-on", "2024-04-26", "--today", "2024-04-26")
    ran = office.run(
        *("correct-report", CYCLE, "--kind", "corrigendum", "--number", "80/ĐC-BLĐTBXH", *day),
        *("--signed-pdf", office.add("dinh-chinh.pdf", SIGNED + b"2"), "--by", "Văn thư Bộ"),
        *("--why", "Sửa tên địa phương ở mục II.3"),
    )
    assert "Văn bản đính chính Báo cáo số 67/BC-BLĐTBXH ngày 19/4/2024 số 80/ĐC-BLĐTBXH" in ran.out
    assert hashes(out) == kept
    told = office.run("status", CYCLE, "--today", "2024-04-26", "--json").json
    assert [(each["kind"], each["number"], each["corrects"]) for each in told["report"]["issued"]] == [
        ("report", "67/BC-BLĐTBXH", None),
        ("corrigendum", "80/ĐC-BLĐTBXH", "67/BC-BLĐTBXH"),
    ]
    actions = [event["action"] for event in office.run("audit", CYCLE, "--json").json]
    assert actions.count("duyệt báo cáo") == 7
    assert [action for action in actions if action.startswith(("trả lại", "ban hành"))] == [
        "trả lại báo cáo",
        "ban hành báo cáo",
        "ban hành văn bản đính chính",
    ]
