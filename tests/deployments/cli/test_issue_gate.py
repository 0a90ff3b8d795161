"""What ``issue`` refuses and why, and that a right paper passes: nothing leaves before."""

import io
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import docx
import pytest

from reporting.report.annexes.slip import OPINION
from reporting.report.pdf.make import make_pdf
from tests.deployments.cli.conftest import Office
from tests.deployments.cli.test_approval import FIRST, PEOPLE, arrives, finished
from tests.workplace import CYCLE, HANOI, LETTER, PDF, SIGNED

DAY = "2024-04-22"  # a Monday
NUMBER = "67/BC-BLĐTBXH"


def printed(content: bytes) -> bytes:
    made = make_pdf(content, title="Bản ký", made_on=date(2024, 4, 22)).content
    assert made is not None
    return made


def rewritten(content: bytes, old: str, new: str) -> bytes:
    """The Word file with other words in it, wherever they stand in one run."""
    paper = docx.Document(io.BytesIO(content))
    runs = [run for paragraph in paper.paragraphs for run in paragraph.runs if old in run.text]
    assert runs, old
    for run in runs:
        run.text = run.text.replace(old, new)
    buffer = io.BytesIO()
    paper.save(buffer)
    return buffer.getvalue()


def words_only(*lines: str) -> bytes:
    """A Word file of other words: what a letter looks like when it is printed."""
    paper = docx.Document()
    for line in lines:
        paper.add_paragraph(line)
    buffer = io.BytesIO()
    paper.save(buffer)
    return buffer.getvalue()


def scan(pages: int) -> bytes:
    """A PDF without a letter in it."""
    kids = " ".join(f"{3 + page} 0 R" for page in range(pages))
    bodies = [b"<</Type/Catalog/Pages 2 0 R>>", f"<</Type/Pages/Kids[{kids}]/Count {pages}>>".encode()]
    bodies += [b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>"] * pages
    content, places = b"%PDF-1.4\n", []
    for number, body in enumerate(bodies, 1):
        places.append(len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(bodies) + 1)
    tail = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(bodies) + 1, len(content))
    return content + head + table + tail


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory, opened_office: Office) -> Office:
    """An approved report, its final Word file and its PDF."""
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext (poppler-utils) is not installed")
    office = Office(tmp_path_factory.mktemp("gate") / "office")
    shutil.copytree(opened_office.folder, office.folder)
    arrives(office, HANOI, "31/BC-SLĐTBXH", date(2024, 1, 9))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("reporting.report.pdf.make.find_office", lambda: None)
        assert office.run("compile", CYCLE, "--as-of", FIRST, "--today", FIRST).code == 0
        for person in PEOPLE:
            assert office.run("approve", CYCLE, "--by", person, "--today", FIRST).code == 0
        final = finished(office, f"home/reports/ctph-109/{CYCLE}/{FIRST}/v1")
        office.add("ban-ky.pdf", printed((office.folder / final).read_bytes()))
    return office


@pytest.fixture(autouse=True)
def quick_pdf(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reporting.report.pdf.make.find_office", lambda: None)


def command(*more: str, **other: str) -> tuple[str, ...]:
    options = {"number": NUMBER, "signed-on": DAY, "signed-pdf": "ban-ky.pdf", "final-docx": "ban-ky.docx"}
    options |= {name.replace("_", "-"): value for name, value in other.items()}
    told = [word for name, value in options.items() for word in (f"--{name}", value)]
    return ("issue", CYCLE, *told, "--by", "Văn thư Bộ", "--today", "2024-05-02", *more)


def nothing_left(office: Office) -> None:
    assert not (office.folder / f"home/reports/ctph-109/{CYCLE}/ban-hanh").exists()
    assert [m for m in office.run("outbox", "--json").json if m["kind"] == "report_copy"] == []


@pytest.mark.parametrize(
    "number",
    [
        "abc",
        "67",
        "0/BC-BLĐTBXH",
        "67/BC-BNNMT",  # of who holds the office only from 2025 on
        "67/BC-SLĐTBXH",
        "67/QĐ-BLĐTBXH",
        "67/BLĐTBXH-VPQGGN",
        "67/BC- BLĐTBXH",
        "67 /BC-BLĐTBXH",
        "67/BC-BLĐTBXH 2024",
        "67/bc-blđtbxh",
        "67/BC-BLDTBXH",
        "67/BC/BLĐTBXH",
        "Số 67/BC-BLĐTBXH",
    ],
)
def test_a_number_that_the_ministry_cannot_have_given(ready: Office, number: str) -> None:
    """``--confirm`` lets none through."""
    for more in ((), ("--confirm", "Đúng như bản ký")):
        ready.run(*command(*more, number=number)).assert_refused("hãy ghi đúng như trên bản đã ký")
    nothing_left(ready)


Change = Callable[[bytes], bytes]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda _: words_only("Báo cáo khác"), "lập từ bản nào"),
        (lambda final: rewritten(final, "Các địa phương đã triển khai tích cực.", OPINION), "còn dấu"),
        (lambda final: rewritten(final, "tích cực.", "tích cực, hỗ trợ 4.321 hộ."), "«4.321»"),
    ],
    ids=["another", "opinion", "number"],
)
def test_a_word_file_that_is_not_the_report(ready: Office, change: Change, words: str) -> None:
    ready.add("khac.docx", change((ready.folder / "ban-ky.docx").read_bytes()))
    ran = ready.run(*command(final_docx="khac.docx"))
    if words == "lập từ bản nào":  # held against the version, of which it has nothing
        assert "mất" in ran.err
    else:
        assert words in ran.err, ran
    assert (ran.code, len(ran.err.splitlines())) == (2, 1)
    nothing_left(ready)


@pytest.mark.parametrize(
    ("paper", "words"),
    [
        (lambda _: PDF, f"Tệp PDF này là công văn số {LETTER}"),
        (
            lambda _: printed(words_only(*["Đề nghị Quý Sở báo cáo kết quả thực hiện Chương trình"] * 8)),
            "không phải của báo cáo này",
        ),
        (lambda _: scan(1), "bản Word cuối cùng in ra"),
        (lambda final: printed(rewritten(final, "BÁO CÁO", "Số: 68/BC-BLĐTBXH")), "ghi số 68/BC"),
        (lambda _: SIGNED, "pdftotext không mở được bản ký"),
        (lambda final: printed(rewritten(final, "2023", "2032")), "bản ký thiếu các số của bản Word: 2023"),
    ],
    ids=["the letter", "a letter", "one page", "other number", "broken", "a figure"],
)
def test_a_signed_paper_of_something_else(ready: Office, paper: Change, words: str) -> None:
    ready.add("khac.pdf", paper((ready.folder / "ban-ky.docx").read_bytes()))
    ready.run(*command(signed_pdf="khac.pdf")).assert_refused(words)
    nothing_left(ready)


def test_a_day_off_waits_for_a_person(ready: Office) -> None:
    ready.run(*command(signed_on="2024-04-30")).assert_refused("ngày ký 30/4/2024 là ngày nghỉ (thứ Ba)")
    ready.run(*command(signed_on="2024-04-20")).assert_refused("(thứ Bảy)")
    nothing_left(ready)


def test_a_right_paper_passes(ready: Office, tmp_path: Path) -> None:
    office = Office(tmp_path / "office")
    shutil.copytree(ready.folder, office.folder)
    ran = office.run(*command())
    assert (ran.code, ran.err) == (0, ""), ran
    assert "xác nhận" not in ran.out
    # Its number is used up, with a zero before it, too; so is its file.
    kind = ("correct-report", CYCLE, "--kind", "corrigendum", "--by", "Văn thư", "--why", "Sửa tên")
    later = ("--signed-on", "2024-04-23", "--today", "2024-05-02")
    paper = office.add("dinh-chinh.pdf", SIGNED)
    office.run(*kind, "--number", "80/ĐC-BNNMT", "--signed-pdf", paper, *later).assert_refused("ký hiệu")
    office.run(*kind, "--number", "8/ĐC-BLĐTBXH", "--signed-pdf", "ban-ky.pdf", *later).assert_refused(
        f"văn bản số {NUMBER} ngày 22/4/2024 đã ban hành"
    )
    assert office.run(*kind, "--number", "80/ĐC-BLĐTBXH", "--signed-pdf", paper, *later).code == 0
    other = office.add("dinh-chinh-2.pdf", SIGNED + b"2")
    office.run(*kind, "--number", "080/ĐC-BLĐTBXH", "--signed-pdf", other, *later).assert_refused(
        "đã dùng cho văn bản số 80/ĐC-BLĐTBXH"
    )


def test_what_a_person_confirms_is_kept_with_the_reason(ready: Office, tmp_path: Path) -> None:
    """A scan of a report with a number typed by hand, signed on a holiday."""
    office = Office(tmp_path / "office")
    shutil.copytree(ready.folder, office.folder)
    final = (office.folder / "ban-ky.docx").read_bytes()
    office.add("sua.docx", rewritten(final, "tích cực.", "tích cực, hỗ trợ 4.321 hộ."))
    pages = (office.folder / "ban-ky.pdf").read_bytes().count(b"/Type/Page\n") or 9
    office.add("quet.pdf", scan(pages))
    scanned = command(signed_on="2024-04-30", final_docx="sua.docx", signed_pdf="quet.pdf")
    refused = office.run(*scanned).err
    for words in ("ngày nghỉ", "«4.321»", "là bản quét"):
        assert words in refused
    ran = office.run(*scanned, "--confirm", "Đã so từng trang")
    assert (ran.code, ran.err) == (0, ""), ran
    assert ran.out.count("• xác nhận: ") == 3
    kept = [event for event in office.run("audit", CYCLE, "--json").json if "xác nhận" in event["action"]]
    assert [(event["actor"], event["why"]) for event in kept] == [("Văn thư Bộ", "Đã so từng trang")] * 3
