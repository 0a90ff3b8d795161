"""The six-month cycle of 2025 is open while 63 units become 34: who is asked, who answers, what adds up.

Phú Thọ, Hòa Bình and Vĩnh Phúc become Phú Thọ on 1/7/2025, Bắc Giang (code 24) and Bắc Ninh (27)
become Bắc Ninh (24), Hà Nội goes on as it was.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from config.settings import Settings
from reporting import clock
from reporting.checks.cycle import facts_of_cycle
from reporting.contacts.files import export_contacts
from reporting.errors import BadInput
from reporting.figures.compile import compile_figures
from reporting.figures.figure import Figure
from reporting.forms import layout
from reporting.forms.write import write_form
from reporting.home.folder import init_home
from reporting.mail.outbox.render import render
from reporting.mail.plus_addresses import BOUNCE
from reporting.programme.lineage import answerers
from reporting.programme.model import Programme
from reporting.programme.units import find_answerer, find_unit, sync_units
from reporting.replies import quarantine
from reporting.replies.after_acceptance import NeedsBasis
from reporting.replies.answering.no_report import PASSED_ON
from reporting.replies.by_hand import HandRecord, record_reply, undo
from reporting.replies.set_aside import Taken
from reporting.replies.try_form import issue_form
from reporting.states import MessageKind, MessageState
from reporting.status.cycle import CycleStatus, cycle_status
from reporting.status.views import find_view, in_view
from reporting.store.engine import reading, writing
from reporting.store.tables import Contact, Message
from reporting.tokens import AddressToken, sign_address
from tests.workplace import OWN, PDF, Workplace, copy_home, in_words, take_contacts, whole_programme

CYCLE = "six-month-2025"
HANOI, PHU_THO, HOA_BINH, VINH_PHUC, BAC_GIANG, BAC_NINH = "01", "25", "17", "26", "24", "27"
NEW_PHU_THO, NEW_BAC_NINH = "25d20250701", "24d20250701"
ASKED, AFTER = date(2025, 6, 16), date(2025, 7, 7)
NAMES = {"Hà Nội", "Phú Thọ", "Hòa Bình", "Vĩnh Phúc", "Bắc Giang", "Bắc Ninh"}


REPORT = """From: MAILER-DAEMON@may-chu.example
To: {to}
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

The mail could not be delivered.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; may-chu.example

Final-Recipient: rfc822; {recipient}
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 no such user

--b--
"""


def variant() -> Programme:
    whole = whole_programme()
    units = tuple(u for u in whole.units if u.name in NAMES and u.name)
    keys = {(unit.code, unit.valid_from) for unit in units}
    lineage = tuple(s for s in whole.lineage if (s.predecessor_code, s.predecessor_valid_from) in keys)
    return whole.model_copy(update={"units": units, "lineage": lineage, "tiles": ()})


def old_box(code: str) -> str:
    return f"so-{code}@truoc.example"


def new_box(code: str) -> str:
    return f"so-{code}@sau.example"


@pytest.fixture(scope="module")
def merged_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Opened on 16/6/2025; since 1/7 the new units have addresses of their own."""
    folder = tmp_path_factory.mktemp("merged")
    settings = Settings(home=folder / "home", mail_from=OWN)
    home = init_home(settings, clock.at(date(2025, 6, 2)))
    place = Workplace(home, settings, variant(), date(2025, 6, 2))
    with writing(home.engine) as session:
        sync_units(session, place.programme)
    bring_contacts(
        place, folder, date(2025, 6, 2), old_box, (HANOI, PHU_THO, HOA_BINH, VINH_PHUC, "24", "27")
    )
    letter = folder / "cong-van.pdf"
    letter.write_bytes(PDF)
    place.open(letter, ASKED, CYCLE, "77/CV-VPQGGN")
    bring_contacts(place, folder, date(2025, 7, 1), new_box, (HANOI, PHU_THO, "24"))
    home.engine.dispose()
    return home.path


@pytest.fixture
def place(tmp_path: Path, merged_home: Path) -> Iterator[Workplace]:
    """A copy of that home."""
    place = copy_home(merged_home, tmp_path / "home", variant())
    place.today = date(2025, 7, 1)
    yield place
    place.home.engine.dispose()


def bring_contacts(place: Workplace, folder: Path, day: date, box: Any, codes: tuple[str, ...]) -> None:
    rows = [f"{code},role_box,{box(code)},,," for code in codes]
    context = place.context(day)
    with writing(place.home.engine) as session:
        take_contacts(session, place.programme, folder, context.now, *rows)


def form(place: Workplace, mark: str, number: str, dated: date, **given: int) -> bytes:
    """A filled form of whoever answers under that mark: one part, or the new unit for all."""
    cycle = place.programme.cycle(CYCLE)
    unit = answerers(place.programme, cycle)[mark]
    values = {name.replace("_", "."): in_words(value) for name, value in given.items()}
    for indicator in place.programme.asked(cycle, unit, dated):
        if indicator.code not in values and indicator.type.is_number:
            values[indicator.code] = in_words(0)
    values |= {"CT00.01": in_words("chua"), "SK05.01": in_words("không")}
    for code in ("KT04.05", "NX07.01", "NX07.02", "NX07.03", "NX07.04", "NX07.05", "CT00.04"):
        values[code] = in_words("Không có.")
    values |= {
        layout.DOCUMENT_NUMBER: in_words(number),
        layout.DOCUMENT_DATE: in_words(f"{dated:%d/%m/%Y}"),
    }
    return write_form(
        place.programme, cycle, unit, today=dated, secret=place.home.secret_key, rehearsal=False,
        values=values,
    )  # fmt: skip


def send(place: Workplace, mark: str, sender: str, day: date, **given: int) -> Taken:
    number = f"{9 + day.day}/BC-SNNMT"
    files = {"bieu.xlsx": form(place, mark, number, day, **given), "bao-cao.pdf": PDF + number.encode()}
    return place.receive(place.mail(sender, files, to=place.reply_address(mark, CYCLE)), day)


def status_of(place: Workplace, day: date) -> CycleStatus:
    with reading(place.home.engine) as session:
        return cycle_status(session, place.programme, CYCLE, as_of=day)


def states(place: Workplace, day: date) -> dict[str, str]:
    return {unit.unit.name: str(unit.state) for unit in status_of(place, day).units}


def figure(place: Workplace, code: str, day: date) -> Figure:
    with reading(place.home.engine) as session:
        status = cycle_status(session, place.programme, CYCLE, as_of=day)
        found = compile_figures(session, place.programme, CYCLE, status)
    return next(each for each in found if each.code == code)


# --- who is written to --------------------------------------------------------------------------


def test_the_request_goes_to_the_units_of_the_period(place: Workplace) -> None:
    asked = {message.recipient for message in place.messages(MessageKind.REQUEST)}
    assert asked == {old_box(code) for code in (HANOI, PHU_THO, HOA_BINH, VINH_PHUC, BAC_GIANG, BAC_NINH)}


def test_a_reminder_after_the_merger_goes_to_the_successor_with_all_it_needs(place: Workplace) -> None:
    done = place.remind(AFTER)
    assert len(done) == 6
    reminders = place.messages(MessageKind.REMINDER)
    to = {place.unit_of(message): message.recipient for message in reminders}
    assert to == {
        HANOI: new_box(HANOI),
        **dict.fromkeys((PHU_THO, HOA_BINH, VINH_PHUC), new_box(PHU_THO)),
        **dict.fromkeys((BAC_GIANG, BAC_NINH), new_box("24")),
    }
    with reading(place.home.engine) as session:
        message = session.get_one(Message, next(m.id for m in reminders if place.unit_of(m) == HOA_BINH))
        raw = render(place.programme, place.home, session, message, mail_from=OWN, rehearsal=False).content
    mail = message_from_bytes(raw, policy=policy.default)
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert (
        "Kính gửi: Sở Nông nghiệp và Môi trường tỉnh Phú Thọ (phần tỉnh Hòa Bình trước khi sắp xếp)" in text
    )
    assert [part.get_filename() for part in mail.iter_attachments()] == [
        "cong-van-77-CV-VPQGGN.pdf",
        "bieu-six-month-2025-Hoa-Binh.xlsx",
        "de-cuong-bao-cao.docx",
        "bieu-chung-six-month-2025-Phu-Tho.xlsx",
    ]


def test_the_old_address_stays_in_use_until_the_successor_has_one(place: Workplace) -> None:
    with writing(place.home.engine) as session:
        for contact in session.scalars(select(Contact).where(Contact.email == new_box(PHU_THO))):
            contact.state = "closed"
    place.remind(AFTER)
    to = {place.unit_of(message): message.recipient for message in place.messages(MessageKind.REMINDER)}
    assert (to[HOA_BINH], to[BAC_NINH]) == (old_box(HOA_BINH), new_box("24"))


def test_a_dead_address_of_the_successor_ends_mail_about_all_its_parts(place: Workplace) -> None:
    place.remind(AFTER)
    with writing(place.home.engine) as session:
        message = session.scalars(
            select(Message).where(Message.recipient == new_box(PHU_THO)).order_by(Message.id)
        ).first()
        assert message is not None
        assert message.unit is not None
        message.state = MessageState.ACCEPTED
        token = AddressToken("ctph109", CYCLE, message.unit.code, BOUNCE)
    to = sign_address(place.home.secret_key, OWN, token)
    place.receive(REPORT.format(to=to, recipient=new_box(PHU_THO)).replace("\n", "\r\n").encode(), AFTER)
    states = [str(m.state) for m in place.messages(MessageKind.REMINDER) if m.recipient == new_box(PHU_THO)]
    assert states == ["bounced", "cancelled", "cancelled"]


def test_the_contacts_brought_out_are_those_of_todays_units(place: Workplace) -> None:
    with reading(place.home.engine) as session:
        before, _ = export_contacts(session, place.programme, date(2025, 6, 30))
        after, count = export_contacts(session, place.programme, AFTER)
    assert count == 3
    assert b"truoc.example" in before
    assert b"truoc.example" not in after


# --- who answers --------------------------------------------------------------------------------


def test_the_successor_may_send_one_form_a_part(place: Workplace) -> None:
    assert send(place, BAC_NINH, new_box("24"), AFTER, MH03_05=5).reasons == ()
    assert states(place, AFTER)["Bắc Ninh"] == "accepted"
    assert states(place, AFTER)["Bắc Giang"] == "missing"  # its code is that of the sender's unit today
    assert send(place, BAC_GIANG, new_box("24"), AFTER, MH03_05=7).reasons == ()
    assert figure(place, "MH03.05", AFTER).value == 12


def test_the_successor_may_send_one_form_for_all_and_nothing_is_doubled(place: Workplace) -> None:
    assert send(place, HANOI, old_box(HANOI), date(2025, 6, 24), MH03_05=1).reasons == ()
    taken = send(place, NEW_PHU_THO, new_box(PHU_THO), AFTER, MH03_05=60, MH03_07=9)
    assert (taken.reasons, taken.unit) == ((), "Phú Thọ")
    status = status_of(place, AFTER)
    parts = [unit for unit in status.units if unit.answered_by is not None]
    assert [unit.unit.name for unit in parts] == ["Phú Thọ", "Hòa Bình", "Vĩnh Phúc"]
    assert {(str(unit.state), unit.document_number) for unit in parts} == {("accepted", "16/BC-SNNMT")}
    assert (status.reported, len(status.missing)) == (4, 2)
    total = figure(place, "MH03.05", AFTER)
    assert total.value == 61
    assert total.coverage is not None
    assert (total.coverage.n, total.coverage.N, len(total.submissions)) == (4, 6, 2)
    assert figure(place, "SK05.01", AFTER).coverage == total.coverage
    seen = in_view(status, find_view(status, "3"))
    assert [(unit.unit.name, str(unit.state)) for unit in seen.units] == [
        ("Phú Thọ", "accepted"), ("Hà Nội", "accepted"), ("Bắc Ninh", "missing"),
    ]  # fmt: skip
    assert seen.units[0].document_number == "16/BC-SNNMT"
    with reading(place.home.engine) as session:  # the rules look at it once
        assert sorted(facts_of_cycle(place.context(AFTER), session, status)) == [HANOI, PHU_THO]
    receipts = place.messages(MessageKind.RECEIPT)
    assert [message.recipient for message in receipts] == [old_box(HANOI), new_box(PHU_THO)]
    reminded = {place.unit_of(m) for m in (place.remind(AFTER), place.messages(MessageKind.REMINDER))[1]}
    assert reminded == {BAC_GIANG, BAC_NINH}


def test_a_joint_form_after_an_accepted_part_waits_for_a_person(place: Workplace) -> None:
    send(place, HOA_BINH, old_box(HOA_BINH), date(2025, 6, 24), MH03_05=20)
    taken = send(place, NEW_PHU_THO, new_box(PHU_THO), AFTER, MH03_05=60)
    assert taken.reasons == (
        "biểu chung, trong khi số liệu riêng của Hòa Bình đã được chấp nhận",
        PASSED_ON,
    )
    assert states(place, AFTER)["Vĩnh Phúc"] == "under_review"
    assert figure(place, "MH03.05", AFTER).value == 20
    decision = quarantine.Assignment("Phú Thọ mới", CYCLE)
    context = place.context(AFTER)
    with pytest.raises(NeedsBasis):
        quarantine.assign(context, [taken.reply_id], decision, by="Chuyên viên")
    decided = quarantine.Assignment("Phú Thọ mới", CYCLE, why="Sở xác nhận số liệu chung")
    quarantine.assign(context, [taken.reply_id], decided, by="Chuyên viên")
    assert figure(place, "MH03.05", AFTER).value == 60


def test_a_part_after_the_joint_form_is_not_added(place: Workplace) -> None:
    joint = send(place, NEW_PHU_THO, new_box(PHU_THO), AFTER, MH03_05=60)
    later = send(place, HOA_BINH, new_box(PHU_THO), date(2025, 7, 8), MH03_05=20)
    assert later.reasons == ("số liệu đã có trong biểu chung của Phú Thọ", PASSED_ON)
    assert figure(place, "MH03.05", date(2025, 7, 8)).value == 60
    context = place.context(date(2025, 7, 8))
    part = quarantine.Assignment(HOA_BINH, CYCLE)
    with pytest.raises(BadInput, match=f"record undo {joint.reply_id}"):
        quarantine.assign(context, [later.reply_id], replace(part, why="x"), by="Chuyên viên")
    with writing(place.home.engine) as session:
        undo(context, session, joint.reply_id, by="Chuyên viên", why="Sở gửi lại từng phần")
    quarantine.assign(context, [later.reply_id], part, by="Chuyên viên")
    assert figure(place, "MH03.05", date(2025, 7, 8)).value == 20
    assert states(place, date(2025, 7, 8))["Phú Thọ"] in ("missing", "under_review")


def test_a_code_does_not_let_one_unit_answer_for_another(place: Workplace) -> None:
    """24 is Bắc Ninh now; who wrote for Bắc Giang under 24 does not speak for the old Bắc Ninh."""
    taken = send(place, BAC_NINH, old_box(BAC_GIANG), AFTER, MH03_05=5)
    assert "địa chỉ gửi đăng ký cho đơn vị khác" in taken.reasons
    joint = send(place, NEW_BAC_NINH, old_box(BAC_GIANG), date(2025, 7, 8), MH03_05=5)
    assert "địa chỉ gửi đăng ký cho đơn vị khác" in joint.reasons
    strange = send(place, NEW_BAC_NINH, new_box(PHU_THO), date(2025, 7, 9), MH03_05=5)
    assert "địa chỉ gửi đăng ký cho đơn vị khác" in strange.reasons


def test_people_name_the_new_unit_and_get_its_form(place: Workplace) -> None:
    cycle = place.programme.cycle(CYCLE)
    assert find_unit(place.programme, cycle, "Phú Thọ").valid_from == date(2008, 8, 1)
    for text in ("Phú Thọ mới", "tinh phu tho moi", NEW_PHU_THO):
        assert find_answerer(place.programme, cycle, text).valid_from == date(2025, 7, 1)
    with pytest.raises(BadInput, match="không có đơn vị"):
        find_answerer(place.programme, cycle, "Hòa Bình mới")
    form_of_all = issue_form(place.context(AFTER), CYCLE, "Phú Thọ mới")
    arrival = HandRecord("90/BC-SNNMT", AFTER, AFTER, "exchange")
    record_reply(place.context(AFTER), CYCLE, "Phú Thọ mới", arrival, by="Văn thư")
    assert form_of_all.startswith(b"PK")
    assert [name for name, state in states(place, AFTER).items() if state == "letter_only"] == [
        "Phú Thọ", "Hòa Bình", "Vĩnh Phúc",
    ]  # fmt: skip


def test_a_new_unit_has_no_past_of_its_code(place: Workplace) -> None:
    place.close(date(2025, 9, 30), CYCLE)
    place.plan(date(2025, 12, 15), "annual-2025")
    taken = place.receive(
        place.mail(old_box(BAC_GIANG), {"thu.pdf": PDF}, subject="Báo cáo năm 2025"), date(2025, 12, 15)
    )
    assert taken.unit is None  # 24 is another unit in this cycle
