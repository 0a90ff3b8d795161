"""Nothing of an erased person is left but what is told, with the reason."""

import sqlite3
from contextlib import closing
from datetime import date

import pytest
from sqlalchemy import select

from reporting.states import ReplyState
from reporting.store.engine import reading, writing
from reporting.store.tables import Attachment, AuditEvent, Call, Contact, Message, RawReply
from reporting.upkeep.erasure import Erased, erase_address, erase_replies, pseudonym
from reporting.verify.home import violations
from tests.history import REPORT
from tests.workplace import HANOI, NGHE_AN, OPENED, OWN, PDF, Workplace, box, officer

DAY = date(2024, 1, 10)
BY, WHY = "Lãnh đạo phòng", "theo yêu cầu"
PERSON, NAME, PHONE = officer(HANOI), "Đỗ Thị Bí Mật", "0912 345 678"
UNMARKED = b"Do-Thi-Bi-Mat"


@pytest.fixture
def known(place: Workplace) -> Workplace:
    """A person with a name and a telephone number, who got our request and its copy came to our box."""
    with writing(place.home.engine) as session:
        contact = session.scalars(select(Contact).where(Contact.email == PERSON)).one()
        contact.name, contact.telephone = NAME, PHONE
    place.send(OPENED)
    return place


def erased(place: Workplace, address: str = PERSON) -> Erased:
    done = erase_address(place.context(DAY), address, by=BY, why=WHY)
    place.home.engine.dispose()
    assert violations(place.context(DAY)) == []
    return done


def standing(place: Workplace, *words: str) -> list[str]:
    """The files of the home that hold one of the words, or bear it in their names."""
    place.home.engine.dispose()
    files = [file for file in place.home.path.rglob("*") if file.is_file()]
    return [
        str(file.relative_to(place.home.path))
        for file in files
        if any(word.encode() in file.read_bytes() or word in str(file) for word in words)
    ]


def test_archive_copies_and_delivery_notices_go_with_the_mail(known: Workplace) -> None:
    with reading(known.home.engine) as session:
        sent = session.scalars(select(Message).where(Message.recipient == PERSON)).one()
        raw, sent_as = known.home.read(str(sent.raw_sha256)), sent.message_id
    known.receive(raw.replace(b"To:", b"X-Copy: 1\r\nTo:", 1), DAY)  # as our own box got it
    notice = REPORT.format(to=OWN, serial=1, recipient=PERSON, message_id=sent_as)
    assert known.receive(notice.encode(), DAY).state is ReplyState.IGNORED
    unbound = REPORT.format(to=OWN, serial=2, recipient=PERSON, message_id="<khac@la.example>")
    assert known.receive(unbound.encode(), DAY).state is ReplyState.IGNORED
    done = erased(known)
    assert (done.contacts, done.messages) == (1, 1)
    assert standing(known, PERSON) == []
    with reading(known.home.engine) as session:
        notices = session.scalars(select(RawReply).where(RawReply.state == ReplyState.IGNORED)).all()
        assert all(reply.erased_at is not None for reply in notices)


def test_a_name_goes_from_calls_subjects_and_file_names_of_its_unit(known: Workplace) -> None:
    files = {"Đỗ Thị Bí Mật.pdf": PDF}
    subject = "Báo cáo do Do Thi Bi Mat lập"
    known.receive(known.mail(box(HANOI), files, to=known.reply_address(HANOI), subject=subject), DAY)
    with writing(known.home.engine) as session:
        for number, said in enumerate((f"gặp bà {NAME}", f"gọi lại {PHONE}", "văn thư")):
            now = known.context(DAY, hour=9 + number).now
            session.add(_call(session, HANOI, said, now))
        session.add(_call(session, NGHE_AN, f"bà {NAME}, người cùng tên", known.context(DAY).now))
    erased(known)
    with reading(known.home.engine) as session:
        results = session.scalars(select(Call.result).order_by(Call.id)).all()
        assert results == ["(đã xóa)", "(đã xóa)", "văn thư", f"bà {NAME}, người cùng tên"]
        assert session.scalars(select(Attachment.file_name)).all() == ["(đã xóa)"]
        (told,) = session.scalars(select(RawReply.subject)).all()
        assert told == "(đã xóa)"


def _call(session: object, code: str, result: str, now: object) -> Call:
    from reporting.store.tables import Cycle, UnitRow

    unit = session.scalars(select(UnitRow.id).where(UnitRow.code == code)).one()  # type: ignore[attr-defined]
    cycle = session.scalars(select(Cycle.id)).one()  # type: ignore[attr-defined]
    return Call(
        cycle_id=cycle, unit_id=unit, called_on=DAY, called_by=BY, spoke_to=result, result=result,
        promised_on=None, recorded_at=now,
    )  # fmt: skip


def test_names_of_dropped_files_and_folders_go(known: Workplace) -> None:
    drop = known.home.drop
    known.lay_down(f"{UNMARKED.decode()}.xlsx", known.form(HANOI, "1/BC-SLĐTBXH", DAY), DAY)
    known.lay_down(f"{UNMARKED.decode()}.txt", b"x", DAY)
    for serial in range(2):  # the second is renamed in ``processed``
        folder = drop / UNMARKED.decode()
        folder.mkdir()
        (folder / f"{UNMARKED.decode()}.pdf").write_bytes(PDF + bytes([65 + serial]))
        known.lay_down("khac.txt", b"khac", DAY)
    known.take_in()
    with writing(known.home.engine) as session:
        for reply in session.scalars(select(RawReply)):
            reply.state = ReplyState.PROCESSED if reply.state is ReplyState.PROCESSED else ReplyState.REJECTED
        numbers = [
            reply.id for reply in session.scalars(select(RawReply)) if "Bi-Mat" in (reply.subject or "")
        ]
    assert len(numbers) == 4
    done = erase_replies(known.context(DAY), numbers, by=BY, why=WHY)
    assert standing(known, "Bi-Mat") == []
    assert {file.name for file in (drop / "processed").iterdir()} == {"khac.txt", "khac-2.txt"}
    assert any("tệp biểu, văn bản ký" in line for line in done.left)
    assert known.unit(HANOI).submission_id is not None  # its figures stay


def test_free_pages_and_the_log_of_the_database_hold_nothing(known: Workplace) -> None:
    """Also what was written before erasing overwrote what it frees."""
    database = known.home.path / "kybaocao.db"
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("PRAGMA secure_delete=OFF")
        connection.execute("CREATE TABLE old (text)")
        connection.executemany("INSERT INTO old VALUES (?)", [(f"{PERSON} {'x' * 500}",)] * 50)
        connection.commit()
        connection.execute("DROP TABLE old")
    assert standing(known, PERSON)
    reader = sqlite3.connect(database)  # somebody reads meanwhile: the log cannot be cut
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM message").fetchone()
    assert any("cơ sở dữ liệu" in line and "serve" in line for line in erased_while_read(known))
    reader.close()
    assert not any("serve" in line for line in erased(known).left)  # the same command again
    assert standing(known, PERSON) == []


def erased_while_read(place: Workplace) -> tuple[str, ...]:
    return erase_address(place.context(DAY), PERSON, by=BY, why=WHY).left


def test_prefects_store_and_logs_are_gone_through(known: Workplace) -> None:
    prefect = known.home.path / "prefect"
    prefect.mkdir()
    (prefect / "server.log").write_text(f"10:00 run for {PERSON.upper()} began\n")
    with closing(sqlite3.connect(prefect / "prefect.db")) as connection, connection:
        connection.execute("CREATE TABLE flow_run (id INTEGER PRIMARY KEY, parameters JSON, name VARCHAR)")
        connection.execute("CREATE TABLE log (id INTEGER PRIMARY KEY, message TEXT, level INTEGER)")
        connection.execute("INSERT INTO flow_run VALUES (1, ?, 'run')", (f'{{"to": "{PERSON}", "n": 1}}',))
        connection.execute("INSERT INTO log VALUES (1, ?, 20)", (f"gặp {NAME}: {PERSON}",))
    erased(known)
    assert standing(known, PERSON, PERSON.upper(), NAME) == []
    with closing(sqlite3.connect(prefect / "prefect.db")) as connection:
        (parameters,) = connection.execute("SELECT parameters FROM flow_run").fetchone()
        assert parameters == f'{{"to": "{"x" * len(PERSON)}", "n": 1}}'


def test_what_stays_is_told_with_its_reason(known: Workplace) -> None:
    """Mails of others, forms of the unit and files made of them are records: they keep their bytes."""
    other = known.mail(box(HANOI), {"bieu.xlsx": known.form(HANOI, "1/BC-SLĐTBXH", DAY)},
                       to=f"{known.reply_address(HANOI)}, {PERSON}")  # fmt: skip
    taken = known.receive(other, DAY)
    encoded = known.mail(box(NGHE_AN), to=OWN, text=f"Hỏi chị ấy: {PERSON}. " + "Đề nghị." * 40)
    waits = known.receive(encoded, DAY)
    (known.home.path / "backups").mkdir()
    (known.home.path / "backups" / "cu.db").write_bytes(PERSON.encode())
    left = erased(known).left
    text = "\n".join(left)
    for number in (taken.reply_id, waits.reply_id):
        assert f"thư đến {number} của người khác, là hồ sơ của cơ quan: bản gốc giữ nguyên từng byte" in text
    assert "backups/cu.db: bản sao cơ sở dữ liệu trước khi nâng cấp" in text
    with reading(known.home.engine) as session:
        events = session.scalars(select(AuditEvent)).all()
        assert all(PERSON not in f"{event.detail}{event.why}{event.subject}" for event in events)
        assert any(event.subject == pseudonym(known.home, PERSON) for event in events)


def test_an_address_that_ends_like_it_is_another(known: Workplace) -> None:
    """``can-bo@…`` is erased; ``ban-can-bo@…`` and ``can-bo@….vn`` are somebody else's."""
    others = (f"ban-{PERSON}", f"xx{PERSON}", f"{PERSON}.vn")
    with writing(known.home.engine) as session:
        old = session.scalars(select(Contact).where(Contact.email == PERSON)).one()
        for email in others:
            session.add(
                Contact(
                    unit_id=old.unit_id, role="officer", email=email, state="active", source="danh bạ",
                    valid_from=DAY, recorded_at=known.context(DAY).now,
                )
            )  # fmt: skip
    letters = [known.receive(known.mail(email, to=OWN), DAY).reply_id for email in others]
    done = erased(known)
    with reading(known.home.engine) as session:
        assert set(others) <= set(session.scalars(select(Contact.email)))
        senders = session.scalars(select(RawReply.sender).where(RawReply.id.in_(letters))).all()
    assert set(senders) == set(others)
    assert not any("thư đến" in line for line in done.left)
