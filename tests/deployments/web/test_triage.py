"""Khu chờ: a clerk clears it in the browser by the same functions as the commands, or is told why not."""

import re

import httpx
import pytest

from reporting.people.roles import Role
from reporting.states import MessageKind, ReplyState
from reporting.store.tables import AuditEvent, Document, Message
from tests.deployments.web.conftest import DAY, Desk, hidden, mark_of, send
from tests.workplace import BAC_NINH, CYCLE, HANOI, PDF, box

NUMBER = "28/SLĐTBXH-BTXH&PCTN"
STRANGER = "ca-nhan@noi-khac.example"
TYPED = {"unit": "Hà Nội", "cycle": CYCLE, "number": NUMBER, "dated": "08/01/2024", "why": ""}
NASTY = '"><script>alert(1)</script><img src="http://noi-khac.example/x.png" onerror=alert(2)>'


def from_a_stranger(desk: Desk, **files: bytes) -> int:
    named = {name.replace("_", "."): content for name, content in (files or {"bao_pdf": PDF}).items()}
    taken = desk.place.receive(desk.place.mail(STRANGER, named), DAY)
    assert taken.state is ReplyState.QUARANTINED
    return taken.reply_id


def at(number: int) -> str:
    return f"/ct/ctph-109/khu-cho/{number}"


def typed_in(client: httpx.Client, reply: int, **fields: str) -> dict[str, str]:
    """What the page of a reply sends, with its version."""
    return {**hidden(client.get(at(reply)).text), **TYPED, **fields}


def test_a_mail_is_looked_at_foreseen_and_assigned(desk: Desk) -> None:
    number = from_a_stranger(desk)
    clerk = desk.as_role(Role.CLERK)
    today = clerk.get("/ct/ctph-109/").text
    assert 'href="/ct/ctph-109/khu-cho">Mở khu chờ' in today
    assert f'href="{at(number)}"' in clerk.get("/ct/ctph-109/khu-cho").text
    preview = clerk.post(at(number), data=typed_in(clerk, number, buoc="xem"))
    assert preview.status_code == 200
    assert f"đã giao cho Hà Nội: văn bản số {NUMBER.replace('&', '&amp;')} ngày 08/01/2024" in preview.text
    assert box(HANOI) in preview.text
    assert desk.place.count(Document) == 0
    answer = clerk.post(at(number), data={**hidden(preview.text), "buoc": "giao"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/ct/ctph-109/khu-cho")
    assert f"Thư đến {number}: đã giao cho Hà Nội" in clerk.get("/ct/ctph-109/khu-cho").text
    assert desk.place.reply(number).decided_by == "Người clerk"
    assert desk.place.unit(HANOI).document_number == NUMBER
    assert [receipt.recipient for receipt in desk.place.messages(MessageKind.RECEIPT)] == [box(HANOI)]


@pytest.mark.parametrize(
    ("fields", "at_field", "words"),
    [
        ({"unit": ""}, "unit", "Đơn vị để trống"),
        ({"number": "", "dated": ""}, "number", "cần số và ngày văn bản"),
        ({"dated": "ngày mai"}, "dated", "không phải là ngày"),
        ({"dated": ""}, "", "phải đi cùng nhau"),
        ({"unit": "Hà Tây cũ"}, "", "Hà Tây cũ"),
        ({"buoc": "loai"}, "reject_why", "Lý do loại để trống"),
    ],
)
def test_a_refused_form_comes_back_filled_with_the_sentence_at_its_field(
    desk: Desk, fields: dict[str, str], at_field: str, words: str
) -> None:
    number = from_a_stranger(desk)
    clerk = desk.as_role(Role.CLERK)
    answer = clerk.post(at(number), data=typed_in(clerk, number, **{"buoc": "giao", **fields}))
    assert answer.status_code == 422
    assert words in answer.text
    assert "--" not in answer.text[answer.text.index('role="alert"') : answer.text.index("<h1>")]
    assert (f'<a href="#{at_field}">' in answer.text) is bool(at_field)
    for name, value in {**TYPED, **fields}.items():
        if value and name in ("number", "unit", "dated"):
            assert f'value="{value.replace("&", "&amp;")}"' in answer.text
    assert desk.place.reply(number).state is ReplyState.QUARANTINED


def test_the_second_of_two_persons_sees_what_the_first_did(desk: Desk) -> None:
    number = from_a_stranger(desk)
    first, second = desk.as_role(Role.CLERK), desk.as_role(Role.OFFICER)
    seen_by_both = typed_in(second, number, buoc="giao")
    rejecting = typed_in(first, number, buoc="loai", reject_why="thư rác")
    assert first.post(at(number), data=rejecting).status_code == 303
    answer = second.post(at(number), data=seen_by_both)
    assert answer.status_code == 409
    assert f"Thư đến {number} đã bị loại (Người clerk lúc" in answer.text
    assert desk.place.count(Document) == 0
    head = desk.as_role(Role.HEAD)
    undo = {"_mark": mark_of(head, at(number)), "why": "không phải thư rác"}
    assert head.post(f"{at(number)}/hoan-tac", data=undo).status_code == 303
    # It waits again, but not as it was when the page was made.
    assert second.post(at(number), data=seen_by_both).status_code == 409
    assert second.post(at(number), data=typed_in(second, number, buoc="giao")).status_code == 303


def test_a_form_sent_twice_is_one_decision(desk: Desk) -> None:
    number = from_a_stranger(desk)
    clerk = desk.as_role(Role.CLERK)
    form = typed_in(clerk, number, buoc="giao")
    assert [clerk.post(at(number), data=form).status_code for _ in range(2)] == [303, 409]
    assert desk.place.count(Document) == 1


def test_a_mail_that_attacks_the_page_is_text_and_its_files_are_downloads(desk: Desk) -> None:
    raw = desk.place.mail(
        "ke-xau@noi-khac.example",
        {'"><script>.xlsx': b"<html><script>alert(1)</script></html>", "ảnh\u202egnp.exe": b"MZ"},
        subject=NASTY,
        text=NASTY,
    )
    number = desk.place.receive(raw, DAY).reply_id
    clerk = desk.as_role(Role.CLERK)
    others = ("/ct/ctph-109/khu-cho", "/ct/ctph-109/", "/ct/ctph-109/nhat-ky")
    pages = [clerk.get(path) for path in (at(number), *others)]
    for page in pages:
        assert "<script" not in page.text.lower()
        assert "<img" not in page.text.lower()
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe-inline" not in policy
    assert "&lt;script&gt;alert(1)" in pages[0].text
    links = re.findall(r'href="([^"]+/tep/\d+)"', pages[0].text)
    assert len(links) == 2
    for link in links:
        file = clerk.get(link)
        assert file.status_code == 200
        assert file.headers["content-type"] == "application/octet-stream"
        assert file.headers["x-content-type-options"] == "nosniff"
        disposition = file.headers["content-disposition"]
        assert disposition.startswith("attachment; ")
        assert "<" not in disposition
        assert "%E2%80%AE" not in disposition  # right to left: gpj.exe would look like exe.jpg


def test_a_file_is_had_through_its_own_reply_alone(desk: Desk) -> None:
    first, second = from_a_stranger(desk), from_a_stranger(desk, khac_pdf=PDF + b"khac")
    clerk = desk.as_role(Role.CLERK)
    page = clerk.get(at(first)).text
    file = page[page.index("/tep/") + 5 : page.index('" download')]
    assert clerk.get(f"{at(first)}/tep/{file}").content == PDF
    assert clerk.get(f"{at(second)}/tep/{file}").status_code == 422
    assert clerk.get(f"{at(first)}/tep/99999").status_code == 422
    assert clerk.get(f"{at(first)}/tep/..%2f..%2fsecret.key").status_code in (404, 422)


def test_what_was_typed_when_the_session_ended_is_not_lost(desk: Desk) -> None:
    number = from_a_stranger(desk)
    clerk = desk.as_role(Role.CLERK)
    form = typed_in(clerk, number, buoc="giao")
    clerk.cookies.clear()
    asked = clerk.post(at(number), data=form)
    assert asked.status_code == 401
    back = {**hidden(asked.text), "login": "clerk", "password": "một câu dài dễ nhớ"}
    go_on = clerk.post("/dang-nhap", data=back)
    assert NUMBER.replace("&", "&amp;") in go_on.text
    assert desk.place.count(Document) == 0
    assert clerk.post(at(number), data=hidden(go_on.text)).status_code == 303
    assert desk.place.unit(HANOI).document_number == NUMBER


def test_a_reason_is_asked_for_where_signs_speak_against_it(desk: Desk) -> None:
    place = desk.place
    number = place.receive(
        place.mail(box(BAC_NINH), {"bao.pdf": PDF}, to=place.reply_address(HANOI)), DAY
    ).reply_id
    clerk = desk.as_role(Role.CLERK)
    answer = clerk.post(at(number), data=typed_in(clerk, number, buoc="xem"))
    assert answer.status_code == 422
    assert '<a href="#why">' in answer.text
    assert "ô Căn cứ, lý do" in answer.text
    form = typed_in(clerk, number, buoc="giao", why="đã gọi điện hỏi Sở")
    assert clerk.post(at(number), data=form).status_code == 303


def test_looking_changes_nothing(desk: Desk) -> None:
    from_a_stranger(desk)
    clerk = desk.as_role(Role.CLERK)
    before = [desk.place.count(table) for table in (AuditEvent, Message)]
    for path in ("", "khu-cho", "khu-cho/1", "don-vi", f"don-vi/{CYCLE}/{HANOI}", "nhat-ky", "vai-tro"):
        assert clerk.get(f"/ct/ctph-109/{path}").status_code == 200, path
    assert [desk.place.count(table) for table in (AuditEvent, Message)] == before


def test_a_decision_without_the_version_it_saw_is_none(desk: Desk) -> None:
    number = from_a_stranger(desk)
    clerk = desk.as_role(Role.CLERK)
    assert (
        send(clerk, at(number), {"buoc": "loai", "reject_why": "x"}).status_code == 409
    )  # without its version
