"""`audit --verify` finds what does not hang together, each kind in one line, and nothing in a sound home."""

import json
import os
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import text

from reporting.states import MessageKind
from reporting.store.engine import writing
from reporting.verify.home import violations
from tests.compiling import compile_report
from tests.workplace import BAC_NINH, CYCLE, DIEN_BIEN, HANOI, OPENED, PDF, Workplace, box, copy_home

DAY, END = date(2024, 1, 10), date(2024, 1, 17)
Harm = Callable[[Workplace], object]


@pytest.fixture(scope="module")
def worked_home(tmp_path_factory: pytest.TempPathFactory, opened_home: Path) -> Path:
    """Requests, reports, a reminder, a rejected mail, files of the drop folder, a report version."""
    place = copy_home(opened_home, tmp_path_factory.mktemp("worked") / "home")
    place.send(OPENED)
    place.report(HANOI, DAY, MH03_05=4)
    place.report(DIEN_BIEN, DAY, MH03_05=3)
    place.receive(place.mail("la@noi-khac.example", {"a.pdf": PDF}), DAY)
    (place.home.drop / "Sở X").mkdir()
    (place.home.drop / "Sở X" / "cong-van.pdf").write_bytes(PDF)
    place.lay_down("thu.eml", place.mail(box(BAC_NINH)), DAY)
    place.lay_down("thu.eml", place.mail(box(BAC_NINH), text="Lần nữa."), DAY)
    place.take_in()
    place.remind(date(2024, 1, 11))
    place.send(date(2024, 1, 11))
    with writing(place.home.engine) as session:
        now = place.context(END).now
        compile_report(place.home, session, place.programme, CYCLE, as_of=END, now=now)
    place.home.engine.dispose()
    return place.home.path


@pytest.fixture
def worked(tmp_path: Path, worked_home: Path) -> Iterator[Workplace]:
    place = copy_home(worked_home, tmp_path / "home")
    yield place
    place.home.engine.dispose()


def sql(*statements: str) -> Harm:
    def harm(place: Workplace) -> None:
        with place.home.engine.begin() as connection:
            for statement in statements:
                connection.execute(text(statement))

    return harm


def on_original(change: Callable[[Path], object]) -> Harm:
    return lambda place: change(place.home.original(place.reply(1).raw_sha256))


def on_report(change: Callable[[Path], object]) -> Harm:
    return lambda place: change(next(place.home.reports.rglob("figures.json")))


def old(file: Path) -> None:
    """A file that nobody can be about to note down."""
    file.write_bytes(b"x")
    os.utime(file, (0, 0))


def falsified(file: Path) -> None:
    content = json.loads(file.read_bytes())
    row = next(row for row in content["figures"] if row["code"] == "MH03.05")
    row["value"] = str(int(row["value"]) + 1)
    file.write_text(json.dumps(content))


def reported_before_its_reminder(place: Workplace) -> None:
    reminder = place.messages(MessageKind.REMINDER)[0]
    with place.home.engine.begin() as connection:
        change = text("UPDATE document SET unit_id = :unit WHERE id = 1")
        connection.execute(change, {"unit": reminder.unit_id})


HARMS: dict[str, tuple[Harm, str]] = {
    "a state without its step": (
        sql("UPDATE raw_reply SET state = 'rejected' WHERE id = 1"),
        "khác bước cuối cùng",
    ),
    "a step that cannot be": (
        sql("INSERT INTO reply_step SELECT 900, reply_id, 'stored', NULL, NULL, actor, recorded_at FROM "
            "reply_step WHERE reply_id = 1", "UPDATE raw_reply SET state = 'stored' WHERE id = 1"),
        "không thể đi từ “đã tiếp nhận” sang “đã lưu, chưa đọc”",
    ),
    "a fate without what it brought": (
        sql("UPDATE submission SET undone_at = recorded_at WHERE reply_id = 1",
            "UPDATE document SET undone_at = recorded_at WHERE reply_id = 1"),
        "có 0 văn bản, bản số liệu đang tính",
    ),
    "one reply for two units": (
        sql("UPDATE document SET unit_id = unit_id + 1 WHERE id = 1"),
        "2 đơn vị hoặc kỳ khác nhau",
    ),
    "a version without its file": (
        sql("UPDATE submission SET attachment_id = NULL WHERE id = 1"),
        "không có tệp",
    ),
    "a version with another file": (
        sql("UPDATE submission SET form_sha256 = 'x' WHERE id = 1"),
        "mã SHA-256 khác với tệp của nó",
    ),
    "a gap in the versions": (
        sql("UPDATE submission SET version = 3 WHERE id = 1"),
        "không đánh số liền nhau",
    ),
    "a message that left twice": (
        sql("CREATE TABLE twice AS SELECT * FROM message WHERE kind = 'request' LIMIT 1",
            "UPDATE twice SET id = 900, dedup_key = 'x', message_id = '<x@x>'",
            "INSERT INTO message SELECT * FROM twice", "DROP TABLE twice"),
        "đã đi 2 lần",
    ),
    "a message without its bytes": (
        sql("UPDATE message SET raw_sha256 = NULL WHERE id = 1"),
        "không có nguyên văn hoặc lúc gửi",
    ),
    "a reminder after the report": (reported_before_its_reminder, "sau khi văn bản"),
    "a value that was changed": (
        sql("UPDATE value SET number = '5' WHERE submission_id = 1 AND indicator = 'MH03.05'"),
        "các bản số liệu cộng lại",
    ),
    "a figure that was changed": (on_report(falsified), "các bản số liệu cộng lại"),
    "an audit event that was taken out": (sql("DELETE FROM audit_event WHERE id = 4"), "thiếu dòng 4 đến 4"),
    "an audit event that was put in": (
        sql("INSERT INTO audit_event (id, at, actor, action) "
            "SELECT max(id) + 1, '2020-01-01 00:00:00.000000', 'ai', 'gì' FROM audit_event"),
        "ở trước dòng liền trên",
    ),
    "a decision that nobody noted": (
        sql("UPDATE reply_step SET actor = 'Ai đó' WHERE reply_id = 3"),
        "không có dòng nào về quyết định của Ai đó",
    ),
    "a lost original": (on_original(Path.unlink), "mất tệp"),
    "an altered original": (on_original(lambda file: file.write_bytes(b"x")), "tệp đã bị thay đổi"),
    "an erased original that is there": (
        sql("UPDATE blob SET erased_at = recorded_at "
            "WHERE sha256 = (SELECT raw_sha256 FROM raw_reply WHERE id = 3)"),
        "đã xóa mà tệp vẫn còn",
    ),
    "an original of nobody": (on_original(lambda file: old(file.with_name("f" * 64))), "không có dòng nào"),
    "a lost file of a report": (on_report(Path.unlink), "figures.json: mất tệp"),
    "an altered file of a report": (
        on_report(lambda file: old(file.with_name("bao-cao.docx"))),
        "bao-cao.docx: tệp đã bị thay đổi",
    ),
    "a report version of nobody": (
        on_report(lambda file: old(file.parent.rename(file.parent.with_name("v9")) / "manifest.json")),
        "v9: thư mục không có phiên bản báo cáo nào",
    ),
    "a dropped file of nobody": (
        lambda place: old(place.home.drop / "processed" / "la.txt"),
        "la.txt: tệp không có thư đến nào",
    ),
}  # fmt: skip


def test_a_sound_home_has_none(worked: Workplace) -> None:
    assert violations(worked.context(END)) == []


@pytest.mark.parametrize("harm", HARMS)
def test_each_harm_is_named(worked: Workplace, harm: str) -> None:
    do, words = HARMS[harm]
    do(worked)
    lines = violations(worked.context(END))
    assert any(words in line for line in lines), lines
