"""The stand-ins for signed documents are readable, marked, and the same each time."""

import hashlib
import os
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from deployments.rehearsal.people import papers


def letter() -> bytes:
    return papers.department_report(
        "Công văn số 28/SLĐTBXH-BTXH&PCTN",
        "28/SLĐTBXH-BTXH&PCTN",
        date(2024, 1, 5),
        department="Sở Lao động - Thương binh và Xã hội tỉnh Đắk Nông",
        parent="Ủy ban nhân dân tỉnh Đắk Nông",
        subject="Kết quả thực hiện Chương trình phối hợp [#eval] $x$",
    )


def text_of(content: bytes, folder: Path) -> str:
    tool = shutil.which("pdftotext")
    if tool is None:
        if os.environ.get("KYBAOCAO_REQUIRE_ALL") == "1":
            pytest.fail("pdftotext is missing")
        pytest.skip("pdftotext is missing: the text of the PDF was not read")
    file = folder / "paper.pdf"
    file.write_bytes(content)
    done = subprocess.run([tool, "-layout", file, "-"], check=True, capture_output=True, text=True)
    return " ".join(done.stdout.split())


def test_number_date_and_mark_can_be_read(tmp_path: Path) -> None:
    text = text_of(letter(), tmp_path)
    assert "Số: 28/SLĐTBXH-BTXH&PCTN" in text
    assert "ngày 05 tháng 01 năm 2024" in text
    assert "TỈNH ĐẮK NÔNG" in text
    assert "BẢN DIỄN TẬP, thay cho Công văn số 28/SLĐTBXH-BTXH&PCTN ngày 05/01/2024" in text
    assert "[#eval] $x$" in text  # what is filled in is never markup


def test_the_stand_in_for_our_own_letter_says_so(tmp_path: Path) -> None:
    content = papers.request_letter(
        "777/CV-VPQGGN",
        date(2023, 12, 13),
        issuer="Văn phòng Quốc gia về giảm nghèo",
        parent="Bộ Lao động - Thương binh và Xã hội",
        subject="V/v báo cáo",
        department="Sở Nông nghiệp và Môi trường",
    )
    text = text_of(content, tmp_path)
    assert "Kính gửi: Sở Nông nghiệp và Môi trường các tỉnh" in text
    assert "BẢN DIỄN TẬP, thay cho Công văn số 777/CV-VPQGGN ngày 13/12/2023" in text


def test_the_same_bytes_in_another_process() -> None:
    code = (
        "import hashlib, sys; sys.path.insert(0, sys.argv[1]); import test_papers; "
        "print(hashlib.sha256(test_papers.letter()).hexdigest())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(Path(__file__).parent)], check=True, capture_output=True, text=True
    )
    assert done.stdout.strip() == hashlib.sha256(letter()).hexdigest()
