"""The drop folder."""

import os
import socket
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from reporting import clock
from reporting.mail.inbox import drop_folder
from reporting.mail.inbox.drop_folder import Dropped, collect_drop
from reporting.mail.parse import parse_mail
from reporting.states import ReplyState
from reporting.store.engine import reading
from reporting.store.tables import RawReply


def replies(office: Any) -> list[RawReply]:
    with reading(office.home.engine) as session:
        found = list(session.scalars(select(RawReply).order_by(RawReply.id)))
        session.expunge_all()
        return found


def lay(office: Any, name: str, content: bytes, **age: float) -> Path:
    path: Path = office.home.drop / name
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_bytes(content)
    when = (office.now - timedelta(**age)).timestamp()
    os.utime(path, (when, when))
    return path


def test_a_file_is_a_reply_received_when_it_came_into_the_folder(office: Any) -> None:
    path = lay(office, "Biểu Bắc Ninh.xlsx", b"PK...", days=16_000)  # a copy with the time of its original
    (number,) = collect_drop(office.home, now=office.now).replies
    (reply,) = replies(office)
    assert (reply.id, reply.channel, reply.subject) == (number, "drop", "Biểu Bắc Ninh.xlsx")
    assert reply.received_at == office.now
    assert office.home.read(reply.raw_sha256) == b"PK..."
    assert not path.exists()
    assert (office.home.drop / "processed" / path.name).read_bytes() == b"PK..."
    assert collect_drop(office.home, now=office.now) == Dropped()


def test_what_lay_over_the_weekend_was_received_when_it_came(
    office: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay(office, "a.pdf", b"%PDF-1", days=30)
    lay(office, "Bắc Ninh/bieu.xlsx", b"PK...", days=30)
    monday = clock.now() + timedelta(days=3)
    monkeypatch.setattr(clock, "now", lambda: monday)
    collect_drop(office.home, now=office.now)
    for reply in replies(office):
        assert timedelta(0) <= reply.received_at - (office.now - timedelta(days=3)) < timedelta(minutes=2)


@pytest.mark.parametrize(
    ("head", "received_on"),
    [
        ("Date: Fri, 05 Jan 2024 16:00:00 +0700", date(2024, 1, 5)),
        (
            "Received: by mx.van-phong.example; Fri, 05 Jan 2024 23:30:00 +0000\r\n"
            "Received: by a; Mon, 01 Jan 2024 08:00:00 +0700\r\nDate: Tue, 02 Jan 2024 08:00:00 +0700",
            date(2024, 1, 6),
        ),
        ("Received: nonsense\r\nDate: Fri, 05 Jan 2024 16:00:00", date(2024, 1, 5)),
        ("Date: Tue, 01 Jan 1980 08:00:00 +0700", None),
        ("Date: Sun, 01 Jan 2040 08:00:00 +0700", None),
        ("Date: hom qua", None),
    ],
)
def test_a_mail_was_received_when_the_server_took_it(
    office: Any, head: str, received_on: date | None
) -> None:
    now = clock.at(date(2024, 1, 20), 9)
    lay(office, "thu.eml", f"From: so@tinh-27.example\r\n{head}\r\n\r\nhi\r\n".encode())
    collect_drop(office.home, now=now)
    (reply,) = replies(office)
    assert reply.received_on == (received_on or date(2024, 1, 20))


def test_the_same_content_again_is_one(office: Any) -> None:
    lay(office, "a.xlsx", b"PK...")
    collect_drop(office.home, now=office.now)
    lay(office, "b.xlsx", b"PK...")
    lay(office, "a.xlsx", b"PK...")
    assert collect_drop(office.home, now=office.now) == Dropped()
    assert len(replies(office)) == 1
    assert sorted(p.name for p in (office.home.drop / "processed").iterdir()) == [
        "a-2.xlsx",
        "a.xlsx",
        "b.xlsx",
    ]


def test_a_mail_is_read_as_one(office: Any) -> None:
    lay(office, "thu.eml", b"From: so@tinh-27.example\r\nSubject: Bao cao\r\nMessage-ID: <1@x>\r\n\r\nhi\r\n")
    collect_drop(office.home, now=office.now)
    (reply,) = replies(office)
    assert (reply.sender, reply.message_id, reply.subject) == ("so@tinh-27.example", "<1@x>", "thu.eml")


def test_a_folder_is_one_reply_with_its_files(office: Any) -> None:
    lay(office, "Bắc Ninh/bieu.xlsx", b"PK...", hours=3)
    lay(office, "Bắc Ninh/van ban.pdf", b"%PDF-1", hours=1)
    lay(office, "Bắc Ninh/ghi chu.txt", "đã gửi".encode(), hours=2)
    collect_drop(office.home, now=office.now)
    (reply,) = replies(office)
    mail = parse_mail(office.home.read(reply.raw_sha256))
    assert {each.file_name: each.content for each in mail.attachments} == {
        "bieu.xlsx": b"PK...",
        "van ban.pdf": b"%PDF-1",
        "ghi chu.txt": "đã gửi".encode(),
    }
    assert reply.subject == "Bắc Ninh.eml"
    assert reply.received_at == office.now


def test_what_is_not_ready_is_left_alone(office: Any) -> None:
    lay(office, ".dang-chep.xlsx", b"x")
    lay(office, "dang-chep.xlsx.part", b"x")
    lay(office, "Hà Nội/bieu.xlsx.crdownload", b"x")
    lay(office, "Hà Nội/bao-cao.pdf", b"%PDF-1")
    (office.home.drop / "trong").mkdir()
    (office.home.drop / "lien-ket.xlsx").symlink_to(office.home.path / "secret.key")
    (office.home.drop / "trong" / "khoa").symlink_to(office.home.path / "secret.key")
    left = collect_drop(office.home, now=office.now)
    assert left == Dropped(unfinished=("Hà Nội", "dang-chep.xlsx.part"), odd=("lien-ket.xlsx", "trong"))
    assert replies(office) == []


def test_a_file_that_is_open_for_writing_is_left_for_the_next_pass(office: Any) -> None:
    path = lay(office, "Hà Nội/bieu.xlsx", b"PK")
    lay(office, "Hà Nội/bao-cao.pdf", b"%PDF-1")
    with path.open("ab") as file:
        file.write(b"..")
        file.flush()
        assert collect_drop(office.home, now=office.now) == Dropped(unfinished=("Hà Nội",))
        file.write(b"..")
    assert len(collect_drop(office.home, now=office.now).replies) == 1
    mail = parse_mail(office.home.read(replies(office)[0].raw_sha256))
    assert [each.content for each in mail.attachments] == [b"%PDF-1", b"PK...."]


def test_what_changes_while_it_is_looked_at_is_left(office: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next file of a folder comes between two looks."""
    monkeypatch.setattr(drop_folder, "SETTLED_AFTER", timedelta(minutes=1))
    lay(office, "Hà Nội/bieu.xlsx", b"PK")
    monkeypatch.setattr(drop_folder, "sleep", lambda _: lay(office, "Hà Nội/bao-cao.pdf", b"%PDF"))
    assert collect_drop(office.home, now=office.now) == Dropped(unfinished=("Hà Nội",))
    monkeypatch.setattr(drop_folder, "SETTLED_AFTER", timedelta(0))
    assert len(collect_drop(office.home, now=office.now).replies) == 1
    assert len(parse_mail(office.home.read(replies(office)[0].raw_sha256)).attachments) == 2


def test_folders_in_folders_belong_to_one_reply(office: Any) -> None:
    lay(office, "Tỉnh/biểu/bieu.xlsx", b"PK...")
    lay(office, "Tỉnh/văn bản/ký/bao-cao.pdf", b"%PDF-1")
    lay(office, "Tỉnh/Thumbs.db", b"x")
    lay(office, "Tỉnh/~$bieu.xlsx", b"x")
    collect_drop(office.home, now=office.now)
    (reply,) = replies(office)
    mail = parse_mail(office.home.read(reply.raw_sha256))
    assert {each.file_name: each.content for each in mail.attachments} == {
        "bieu.xlsx": b"PK...",
        "bao-cao.pdf": b"%PDF-1",
    }


def test_one_that_cannot_be_read_or_moved_stops_no_other(office: Any) -> None:
    lay(office, "a" * 250 + ".pdf", b"%PDF-1")
    collect_drop(office.home, now=office.now)
    lay(office, "a" * 250 + ".pdf", b"%PDF-2")  # its number would make the name too long
    lay(office, "b.pdf", b"%PDF-3")
    found = collect_drop(office.home, now=office.now)
    assert len(found.replies) == 1
    (problem,) = found.problems
    assert problem.startswith("aaa")
    assert "File name too long" in problem
    assert len(replies(office)) == 3  # its content is stored all the same


def test_a_file_from_the_future_came_now(office: Any) -> None:
    lay(office, "a.pdf", b"%PDF-1", days=-400)
    collect_drop(office.home, now=office.now)
    assert replies(office)[0].received_at == office.now


def test_a_file_that_is_too_large_waits_for_a_person(office: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drop_folder, "MAX_SIZE", 3)
    lay(office, "a.pdf", b"%PDF-1")
    assert collect_drop(office.home, now=office.now) == Dropped()
    assert replies(office)[0].state is ReplyState.QUARANTINED
    assert (office.home.drop / "processed" / "a.pdf").read_bytes() == b"%PDF-1"
    lay(office, "a.pdf", b"%PDF-1")
    collect_drop(office.home, now=office.now)
    assert len(replies(office)) == 1
    lay(office, "a.pdf", b"%PDF-2")  # another one of the same name and size
    collect_drop(office.home, now=office.now)
    assert len(replies(office)) == 2


def test_death_before_the_file_was_moved_makes_no_second_reply(
    office: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = lay(office, "a.pdf", b"%PDF-1")
    with monkeypatch.context() as patch:
        patch.setattr(drop_folder, "_move_away", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            collect_drop(office.home, now=office.now)
    assert path.exists()
    assert collect_drop(office.home, now=office.now) == Dropped()
    assert len(replies(office)) == 1
    assert not path.exists()


def test_what_is_no_file_is_never_opened_and_is_named(office: Any) -> None:
    """A pipe would hang the pass, a device never end, a link have another file read."""
    drop = office.home.drop
    lay(office, "Hà Nội/bieu.xlsx", b"PK")
    lay(office, "Huế/bieu.xlsx", b"PK-hue")
    os.mkfifo(drop / "ong-dan.xlsx")
    os.mkfifo(drop / "Hà Nội" / "ong-dan.pdf")
    (drop / "vo-tan.pdf").symlink_to("/dev/zero")
    (drop / "thu-muc").symlink_to(office.home.path, target_is_directory=True)
    with socket.socket(socket.AF_UNIX) as end:
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(drop)  # the path of a socket may have a hundred characters
            end.bind("o-cam.eml")
        odd = ("Hà Nội", "o-cam.eml", "ong-dan.xlsx", "thu-muc", "vo-tan.pdf")
        for taken in (1, 0):
            dropped = collect_drop(office.home, now=office.now)
            assert (len(dropped.replies), dropped.problems, dropped.odd) == (taken, (), odd)
    assert [reply.subject for reply in replies(office)] == ["Huế.eml"]
    assert sorted(path.name for path in drop.iterdir()) == sorted([*odd, "processed"])
    (drop / "Hà Nội" / "ong-dan.pdf").unlink()
    assert len(collect_drop(office.home, now=office.now).replies) == 1
