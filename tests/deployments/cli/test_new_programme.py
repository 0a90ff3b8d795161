"""new-programme: a starting folder that works as it is, beside the programmes that are there."""

import json
import shutil
from pathlib import Path

import pytest

from config.settings import Settings
from tests.deployments.cli.conftest import Office
from tests.workplace import PDF

MONTH = "monthly-2026-03"


@pytest.fixture
def folder(empty_office: Office) -> Path:
    """A folder of programmes with programme 109 in it."""
    ours = empty_office.folder / "programmes"
    shutil.copytree(
        Settings().programmes_dir / "ctph-109", ours / "ctph-109", ignore=shutil.ignore_patterns("rehearsal")
    )
    return ours


def test_the_frame_passes_and_works_as_it_is(empty_office: Office, folder: Path) -> None:
    settings = {"PROGRAMMES_DIR": str(folder)}
    made = empty_office.run("new-programme", "xoa-nha-tam", **settings)
    assert (made.code, made.err) == (0, "")
    checked = empty_office.run("check-config", **settings)
    assert checked.out.startswith("Cấu hình hợp lệ: ctph-109, xoa-nha-tam.\n")
    assert checked.err == ""
    files = sorted(path.name for path in (folder / "xoa-nha-tam").iterdir())
    assert files == sorted(path.name for path in (folder / "xoa-nha-tam").iterdir() if path.name[0] != ".")
    assert "# " in (folder / "xoa-nha-tam" / "programme.yaml").read_text(encoding="utf-8")

    settings["PROGRAMME"] = "xoa-nha-tam"
    empty_office.add("cong-van.pdf", PDF)
    for command in (
        ["init"],
        ["run-day", "--today", "2026-03-26"],  # it opens nothing by itself
        ["open", MONTH, "--letter", "cong-van.pdf", "--number", "1/CV-VPMAU", "--signed-on", "2026-03-26",
         "--by", "Văn thư", "--today", "2026-03-26"],
        ["form", MONTH, "Sơn La", "-o", "bieu.xlsx", "--today", "2026-03-26"],
        ["record", MONTH, "Sơn La", "--number", "3/BC-SXD", "--date", "2026-03-26", "--received-on",
         "2026-03-26", "--channel", "paper", "--by", "Văn thư", "--today", "2026-03-26"],
        ["compile", MONTH, "--today", "2026-03-26"],
    ):  # fmt: skip
        ran = empty_office.run(*command, **settings)
        assert (ran.code, ran.err) == (0, ""), (command, ran)
    reports = empty_office.folder / "home" / "reports" / "xoa-nha-tam" / MONTH / "2026-03-26" / "v1"
    assert (reports / "bao-cao.docx").exists()
    figures = json.loads((reports / "figures.json").read_text())
    assert figures["programme"] == "xoa-nha-tam"


def test_a_second_one_takes_a_key_of_its_own(empty_office: Office, folder: Path) -> None:
    for name in ("nha-o-vung-cao-a", "nha-o-vung-cao-b"):
        assert empty_office.run("new-programme", name, PROGRAMMES_DIR=str(folder)).code == 0
    assert empty_office.run("check-config", PROGRAMMES_DIR=str(folder)).code == 0


@pytest.mark.parametrize(
    ("name", "words"), [("Nhà ở", "không dùng được"), ("ctph-109", "đã có"), ("../x", "không dùng")]
)
def test_a_name_that_cannot_be_one_is_refused(
    empty_office: Office, folder: Path, name: str, words: str
) -> None:
    before = sorted(folder.rglob("*"))
    empty_office.run("new-programme", name, PROGRAMMES_DIR=str(folder)).assert_refused(words)
    assert sorted(folder.rglob("*")) == before


def test_two_programmes_with_one_address(empty_office: Office, folder: Path) -> None:
    settings = {"PROGRAMMES_DIR": str(folder), "MAIL_FROM": "bao-cao@van-phong.example"}
    empty_office.run("new-programme", "nha-o", **settings)
    for own, words in (
        (
            {"nha-o": {"mail_from": "Bao-Cao@van-phong.example"}},
            "cùng dùng địa chỉ bao-cao@van-phong.example",
        ),
        ({"nha": {"mail_from": "nha@van-phong.example"}}, "không có chương trình 'nha'"),
    ):
        ran = empty_office.run("check-config", MAILBOXES=json.dumps(own), **settings)
        assert ran.code == 2
        assert words in ran.err
    good = json.dumps({"nha-o": {"mail_from": "nha-o@van-phong.example"}})
    assert empty_office.run("check-config", MAILBOXES=good, **settings).code == 0
