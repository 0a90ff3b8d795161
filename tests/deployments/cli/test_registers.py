"""Registers edited by commands: a difference shown first, history kept, open cycles told of."""

import shutil
from pathlib import Path

import pytest

from config.settings import Settings
from tests.deployments.cli.conftest import Office
from tests.workplace import BAC_NINH, HANOI, box, officer

DAY = ("--today", "2024-01-10")
BY = ("--by", "Chuyên viên")


# --- contacts -----------------------------------------------------------------------------------


def test_an_import_shows_what_changes_and_names_the_open_cycle(office: Office) -> None:
    rows = f"code,role,email,name,position,telephone\n{HANOI},officer,{officer(HANOI)},Cán bộ mới,,024 9\n"
    file = office.add("moi.csv", rows)
    for more in (("--dry-run",), ()):
        ran = office.run("contacts", "import", file, *BY, *DAY, *more)
        assert (
            f"sửa: Hà Nội {officer(HANOI)} (tên: Cán bộ → Cán bộ mới; điện thoại: để trống → 024 9)"
            in ran.out
        )
        assert "Kỳ đang mở: annual-2023." in ran.out
    found = office.run("contacts", "history", HANOI, "--json").json
    officers = [each for each in found if each["role"] == "officer"]
    assert [(each["name"], each["state"], each["valid_to"]) for each in officers] == [
        ("Cán bộ", "closed", "2024-01-10"), ("Cán bộ mới", "active", None),
    ]  # fmt: skip


def test_who_leaves_takes_the_name_and_not_the_role_box(office: Office) -> None:
    rows = f"code,role,email,name,position,telephone\n{HANOI},role_box,{box(HANOI)},Văn thư A,,\n"
    office.run("contacts", "import", office.add("ten.csv", rows), *BY, *DAY)
    ran = office.run("contacts", "close", HANOI, box(HANOI), *BY, "--why", "nghỉ hưu", *DAY)
    assert f"Đã đóng tên, giữ địa chỉ: Hà Nội {box(HANOI)}" in ran.out
    found = [
        each
        for each in office.run("contacts", "history", HANOI, "--json").json
        if each["email"] == box(HANOI)
    ]
    assert [(each["name"], each["state"]) for each in found] == [
        (None, "closed"), ("Văn thư A", "closed"), (None, "active"),
    ]  # fmt: skip
    ran = office.run("contacts", "close", "Hà Nội", officer(HANOI), *BY, "--why", "chuyển công tác", *DAY)
    assert "Đã đóng địa chỉ" in ran.out
    again = office.run("contacts", "close", "Hà Nội", officer(HANOI), *BY, "--why", "x", *DAY)
    again.assert_refused("không có địa chỉ")
    ran = office.run("contacts", "close", HANOI, box(HANOI), "--whole", *BY, "--why", "bỏ hộp thư", *DAY)
    assert "Đã đóng địa chỉ" in ran.out
    office.run("contacts", "close", "Kinh Bắc", "a@b.example", *BY, "--why", "x", *DAY).assert_refused(
        "Không có đơn vị 'Kinh Bắc'"
    )
    actions = [event["action"] for event in office.run("audit", "--json").json]
    assert actions.count("đóng địa chỉ") == 2


# --- units --------------------------------------------------------------------------------------


@pytest.fixture
def folder(office: Office) -> Path:
    folder = office.folder / "chuong-trinh"
    shutil.copytree(
        Settings().programmes_dir / "ctph-109",
        folder / "ctph-109",
        ignore=shutil.ignore_patterns("rehearsal"),
    )
    return folder


def edit(folder: Path, old: str, new: str, name: str = "units.csv") -> None:
    file = folder / "ctph-109" / name
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_list_says_which_older_units_each_has(office: Office) -> None:
    found = {each["name"]: each for each in office.run("units", "list", "--on", "2026-01-01", "--json").json}
    assert len(found) == 34
    assert found["Tỉnh Bắc Ninh"]["from"] == ["Bắc Giang (24)", "Bắc Ninh (27)"]
    assert "34 đơn vị" in office.run("units", "list", "--on", "2026-01-01").out


def test_what_leaves_every_cycle_as_it_is_is_followed_and_written_down(office: Office, folder: Path) -> None:
    there = {"PROGRAMMES_DIR": str(folder)}
    edit(
        folder,
        "27,2008-08-01,2025-06-30,Bắc Ninh,Tỉnh Bắc Ninh",
        "27,2008-08-01,2025-06-30,Bắc Ninh,Tỉnh Kinh Bắc",
    )
    shown = office.run("units", "changes", "--json", **there).json
    assert shown == {
        "changes": ["sửa: Bắc Ninh, mã 27 từ 01/8/2008 (tên đầy đủ: Tỉnh Bắc Ninh → Tỉnh Kinh Bắc)"],
        "cycles": [],
    }
    assert office.run("collect", *DAY, **there).code == 0
    (event,) = [e for e in office.run("audit", "--json").json if e["action"] == "cập nhật danh sách đơn vị"]
    assert event["detail"] == shown["changes"][0]
    assert "Không có thay đổi." in office.run("units", "changes", **there).out


def test_what_changes_an_open_cycle_waits_for_a_person(office: Office, folder: Path) -> None:
    there = {"PROGRAMMES_DIR": str(folder)}
    line = "96,2008-08-01,2025-06-30,Cà Mau,Tỉnh Cà Mau,,province,db-song-cuu-long,63,"
    edit(
        folder,
        line,
        f"{line}\n97,2008-08-01,2025-06-30,Minh Hải,Tỉnh Minh Hải,,province,db-song-cuu-long,64,",
    )
    step = "96,2008-08-01,96,2025-07-01,2025-07-01,merged,Nghị quyết 202/2025/QH15 ngày 12/6/2025"
    edit(folder, step, f"{step}\n{step.replace('96,2008', '97,2008')}", "lineage.csv")
    ran = office.run("collect", *DAY, **there)
    ran.assert_refused("đổi cả đơn vị của kỳ annual-2023")
    shown = office.run("units", "changes", **there).out
    assert "thêm: Minh Hải, mã 97 từ 01/8/2008" in shown
    assert "Kỳ sẽ gồm những đơn vị khác: annual-2023." in shown
    assert office.run("status", "annual-2023", "--json", *DAY).json["expected"] == 63
    ran = office.run("units", "apply", *BY, "--why", "bổ sung đơn vị", *DAY, **there)
    assert "Kỳ nay gồm những đơn vị khác: annual-2023" in ran.out
    assert office.run("collect", *DAY, **there).code == 0
    assert office.run("status", "annual-2023", "--json", *DAY, **there).json["expected"] == 64
    (event,) = [e for e in office.run("audit", "--json").json if e["action"] == "cập nhật danh sách đơn vị"]
    assert (event["actor"], event["why"]) == ("Chuyên viên", "bổ sung đơn vị")


def test_a_unit_that_has_a_cycle_cannot_be_lost(office: Office, folder: Path) -> None:
    there = {"PROGRAMMES_DIR": str(folder)}
    units, lineage = folder / "ctph-109" / "units.csv", folder / "ctph-109" / "lineage.csv"
    for file, starts in ((units, f"{BAC_NINH},2008"), (lineage, f"{BAC_NINH},2008")):
        lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
        file.write_text("".join(each for each in lines if not each.startswith(starts)), encoding="utf-8")
    edit(
        folder,
        "24,2008-08-01,24,2025-07-01,2025-07-01,merged",
        "24,2008-08-01,24,2025-07-01,2025-07-01,renamed",
        "lineage.csv",
    )
    tiles = folder / "ctph-109" / "tiles.csv"
    tiles.unlink()
    contacts = folder / "ctph-109" / "contacts.sample.csv"
    lines = contacts.read_text(encoding="utf-8").splitlines(keepends=True)
    contacts.write_text(
        "".join(each for each in lines if not each.startswith(f"{BAC_NINH},")), encoding="utf-8"
    )
    ran = office.run("units", "apply", *BY, "--why", "x", *DAY, **there)
    ran.assert_refused("đơn vị đã có kỳ báo cáo không được xóa")
