"""check-config: every mistake of a programme folder with its file and line."""

import shutil
from pathlib import Path

import pytest

from config.settings import Settings
from reporting.programme.files import load_programme
from tests.deployments.cli.conftest import Office

FOLDER = Settings().programmes_dir / "ctph-109"


@pytest.fixture
def copy(empty_office: Office) -> Path:
    folder = empty_office.folder / "ctph-109"
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("rehearsal"))
    return folder


def change(folder: Path, name: str, old: str, new: str) -> int:
    """Write a mistake into a file; the line it stands on."""
    file = folder / name
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def test_the_programmes_that_come_along_are_in_order(empty_office: Office) -> None:
    ran = empty_office.run("check-config")
    verdict, *notes = ran.out.splitlines()
    assert (ran.code, verdict, ran.err) == (0, "Cấu hình hợp lệ: ctph-109.", "")
    assert all(note.startswith("Lưu ý: ") for note in notes)
    nobody = [note for note in notes if "không dùng tên" not in note]
    assert [("cán bộ đầu mối" in note, "điện thoại" in note) for note in nobody] == [(True, True)]
    assert not (empty_office.folder / "home").exists()  # it needs no home


def test_every_mistake_is_named_with_file_and_line(empty_office: Office, copy: Path) -> None:
    due = change(copy, "calendar.yaml", "due_on: 2024-01-15", "due_on: 2023-12-01")
    family = change(copy, "edits.yaml", "family: part_whole", "family: whole_part")
    ran = empty_office.run("check-config", "ctph-109")
    assert ran.code == 2
    lines = ran.err.splitlines()
    assert any(f"calendar.yaml:{due}:" in line for line in lines)
    assert any(f"edits.yaml:{family}:" in line for line in lines)
    assert lines[-1] == f"{len(lines) - 1} chỗ cần sửa."
    assert ran.out == ""
    assert "Traceback" not in ran.err


def test_a_template_that_does_not_work_is_named(empty_office: Office, copy: Path) -> None:
    file = copy / "templates" / "mail" / "reminder.txt.j2"
    file.write_text(file.read_text(encoding="utf-8") + "\n{{ khong_co_bien }}\n", encoding="utf-8")
    (copy / "templates" / "report.docx").write_bytes(b"PK not a document")
    ran = empty_office.run("check-config", "ctph-109")
    assert ran.code == 2
    assert "reminder.txt.j2" in ran.err
    assert "report.docx" in ran.err


def test_what_two_programmes_may_not_share_is_named_with_all_the_rest(
    empty_office: Office, copy: Path
) -> None:
    """Two copies of one programme with one key and one address, and a folder that lost its head."""
    folder = empty_office.folder / "tat-ca"
    for name in ("mot", "hai", "ba"):
        shutil.copytree(copy, folder / name)
    change(folder / "hai", "programme.yaml", "id: ctph-109", "id: ctph-110")
    (folder / "ba" / "programme.yaml").unlink()
    mailbox = '{"mail_from": "chung@van-phong.example"}'
    ran = empty_office.run(
        "check-config",
        PROGRAMMES_DIR="tat-ca",
        MAILBOXES=f'{{"ctph-109": {mailbox}, "ctph-110": {mailbox}}}',
    )
    assert ran.code == 2
    lines = ran.err.splitlines()
    assert "tat-ca/ba/programme.yaml: không có tệp này" in lines
    head = (copy / "programme.yaml").read_text(encoding="utf-8").splitlines()
    key = next(number for number, text in enumerate(head, 1) if text.startswith("subject_key"))
    assert f"tat-ca/mot/programme.yaml:{key}: khóa tiêu đề 'CTPH109' đã dùng ở tat-ca/hai" in lines
    assert any("cùng dùng địa chỉ chung@van-phong.example" in text for text in lines)
    assert lines[-1] == "3 chỗ cần sửa."


@pytest.mark.parametrize("folder", ["khong-co", "."])
def test_a_folder_that_holds_no_programme(empty_office: Office, folder: str) -> None:
    ran = empty_office.run("check-config", folder)
    assert ran.code == 2
    assert ran.err
    assert "Traceback" not in ran.err


def test_a_setting_that_names_no_folder(empty_office: Office) -> None:
    empty_office.run("check-config", PROGRAMMES_DIR="khong-co").assert_refused("khong-co")


def test_settings_in_an_older_way_are_read_and_noted(empty_office: Office, copy: Path) -> None:
    """One number for three gaps, and a bound that says nothing in its kind of rule."""
    file = copy / "programme.yaml"
    text = file.read_text(encoding="utf-8")
    gaps = [line for line in text.splitlines() if line.lstrip().startswith(("after_", "between_", "before_"))]
    assert len(gaps) == 3
    file.write_text(text.replace("\n".join(gaps), "  call_gap_days: 9"), encoding="utf-8")
    edit = change(copy, "edits.yaml", "    part: TT01.13\n", '    maximum: "5"\n    part: TT01.13\n')
    ran = empty_office.run("check-config", "ctph-109")
    assert (ran.code, ran.err) == (0, "")
    notes = [line for line in ran.out.splitlines() if ".yaml:" in line]
    at = file.read_text(encoding="utf-8").splitlines().index("  call_gap_days: 9") + 1
    assert [note.split(": ")[1] for note in notes] == [
        f"ctph-109/edits.yaml:{edit}",
        f"ctph-109/programme.yaml:{at}",
    ]
    assert "'maximum' không có tác dụng ở quy tắc loại part_whole" in notes[0]
    assert "after_call_days, between_reminders_days, before_escalation_days" in notes[1]
    policy = load_programme(copy).reminders
    assert (policy.after_call_days, policy.between_reminders_days, policy.before_escalation_days) == (9, 9, 9)


def test_a_deadline_on_a_day_off_is_noted_and_kept(empty_office: Office, copy: Path) -> None:
    change(copy, "calendar.yaml", "due_on: 2024-01-15", "due_on: 2024-01-14")
    ran = empty_office.run("check-config", "ctph-109")
    assert ran.code == 0
    assert "kỳ annual-2023: hạn nộp 14/01/2024 rơi vào ngày nghỉ, giữ như đã ghi." in ran.out
