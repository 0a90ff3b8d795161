"""Who a mail is from, through the front door: the spelling of From makes nobody else its sender."""

import base64
from collections.abc import Mapping, Sequence
from datetime import date

import pytest

from reporting.addresses.headers import SEVERAL, UNCLEAR
from reporting.states import MessageKind, ReplyState
from reporting.store.tables import Document, Submission
from tests.workplace import HANOI, PDF, Workplace, box

DAY = date(2023, 12, 20)
NUMBER = "12/BC-SLĐTBXH"
SERVER = "mx.van-phong.example"
VICTIM = box(HANOI)
NAME, HOST = VICTIM.split("@")
THIEF = "ke-gian@tan-cong.example"


def word(text: str) -> str:
    return f"=?utf-8?b?{base64.b64encode(text.encode()).decode()}?="


# Whole header sections: each makes some reader of mails believe that the victim wrote.
UNSEEN = ("\u200b", "\u00ad", "\u00a0", "\ufeff", "\u202e", "\0", "\x7f")
IN_A_NAME = (
    *(
        (f"{VICTIM}{end}")
        for end in (" (", ">", ",", ";", '"', "\r\n ", "\x0b", " <", "> <", "", *UNSEEN, "\u200b(")
    ),
    *(
        f"{begin}{VICTIM}{end}"
        for begin, end in (("<", ">"), ('"', '"'), ("(", ") "), ("X <", ">, "), ("x, ", " ("))
    ),
    *(f"\ufeff{VICTIM}", f"G: {VICTIM};"),
)
FORGED = [
    *(f"From: {word(name)} <{THIEF}>" for name in IN_A_NAME),
    f"From: =?utf-8?q?{NAME}=40{HOST}_(?= <{THIEF}>",
    f"From: =?utf-8?q?{NAME}=40{HOST}_=28?= <{THIEF}>",
    f"From: =?utf-8?q?{VICTIM}?= <{THIEF}>",
    f"From: =?utf-8?q?{VICTIM}?=\r\n =?utf-8?q?=28?=\r\n <{THIEF}>",
    f'From: "{word(VICTIM + " (")}" <{THIEF}>',
    f"From: {word(VICTIM)}",
    f"From: =?utf-8?q?{NAME}?= @{HOST}",
    f"From: =?utf-8?q?{NAME}?=@{HOST}",
    f"From: X <=?utf-8?q?{NAME}?= @{HOST}>",
    f"From: X <{NAME}@=?utf-8?q?{HOST}?= >",
    *(f"From: {VICTIM}{between}<{THIEF}>" for between in (" ", "", " (", "(", " \x01", " \\", "\t", *UNSEEN)),
    *(
        f"From: {VICTIM}{hidden}"
        for hidden in (f" ({THIEF})", f"(<{THIEF}>)", f" (a (<{THIEF}>))", "(" * 900)
    ),
    *(f"From: {between.join((VICTIM, THIEF))}" for between in (", ", ",", ";", " ", "\r\n ,", ">, <")),
    *(f"From: {between.join((THIEF, VICTIM))}" for between in (", ", "; ", " ")),
    f"From: <{VICTIM}> <{THIEF}>",
    f"From: <{THIEF}><{VICTIM}>",
    f"From: G: {VICTIM};",
    f"From: G: X <{VICTIM}>, {THIEF};",
    f"From: {THIEF}: {VICTIM}",
    f"From: <@tan-cong.example:{VICTIM}>",
    f'From: "{NAME}"@{HOST}',
    f'From: "{VICTIM}"@tan-cong.example',
    f"From: {NAME}(x)@{HOST}",
    f"From: {NAME} @ {HOST}",
    f"From: {NAME}@(x){HOST}",
    f"From: <{NAME}@\r\n {HOST}>",
    *(f"From: <{NAME}{unseen}@{HOST}>" for unseen in UNSEEN),
    *(f"From: {VICTIM}{unseen}" for unseen in (*UNSEEN, ".", "\x01")),
    f"From: {NAME}\uff20{HOST}",
    f"From: <{VICTIM}",
    f"From: {VICTIM}>",
    f'From: "{THIEF} <{VICTIM}>',
    f'From: "x\\" <{VICTIM}>',
    f"From: {'x' * 5000} <{VICTIM}>",
    f"From: {VICTIM}\r\nFrom: {THIEF}",
    f"From: {THIEF}\r\nFrom: {VICTIM}",
    f"From: {VICTIM}\r\nFrom: {VICTIM}",
    f"From : {THIEF}\r\nFrom: {VICTIM}",
    f"X-A: b\r\nFrom : {THIEF}\r\nFrom: {VICTIM}",
    f"From: {VICTIM}\r\nFROM\t: {THIEF}",
    f"From: {THIEF}\rFrom: {VICTIM}",
    f"X-A: b\rFrom: {VICTIM}\r\nFrom: {THIEF}",
    f"From: {VICTIM}\r <{THIEF}>",
    f"From: {VICTIM}\r\nno header\r\nFrom: {THIEF}",
    f"From: {THIEF}\r\nSender: {VICTIM}",
    f"Sender: {VICTIM}",
    f"From: ;\r\nSender: {VICTIM}",
    f"From: {THIEF}\r\nReply-To: {VICTIM}\r\nReturn-Path: <{VICTIM}>",
]  # fmt: skip


def as_sent(place: Workplace, head: str, files: Mapping[str, bytes], *results: str) -> bytes:
    """A report to the victim's own signed address, as ``head`` says who sent it and ``results`` who did."""
    raw = place.mail(
        VICTIM, files, to=place.reply_address(HANOI), subject=f"Báo cáo số {NUMBER} ngày 20/12/2023"
    )
    marks = "".join(f"Authentication-Results: {SERVER}; {result}\r\n" for result in results)
    assert f"From: {VICTIM}\r\n".encode() in raw
    return marks.encode() + raw.replace(f"From: {VICTIM}\r\n".encode(), f"{head}\r\n".encode(), 1)


def with_server(place: Workplace) -> Workplace:
    place.settings = place.settings.model_copy(update={"authserv_id": SERVER})
    return place


def assert_all_wait(place: Workplace, heads: Sequence[str], files: Mapping[str, bytes], result: str) -> None:
    for head in heads:
        taken = place.receive(as_sent(place, head, files, result), DAY)
        assert taken.state is ReplyState.QUARANTINED, head
        assert place.reply(taken.reply_id).sender in (None, THIEF), head
    assert place.count(Submission) == place.count(Document) == 0
    assert place.messages(MessageKind.RECEIPT) == []


@pytest.mark.parametrize(
    "result",
    [
        "dmarc=pass header.from=tan-cong.example",
        "dkim=pass header.d=tan-cong.example; spf=pass smtp.mailfrom=tan-cong.example",
    ],
)
def test_no_spelling_of_from_makes_another_the_sender(place: Workplace, result: str) -> None:
    assert_all_wait(with_server(place), FORGED, {"bao-cao.pdf": PDF}, result)


def test_a_form_under_a_forged_sender_waits(place: Workplace) -> None:
    heads = [f"From: {word(VICTIM + end)} <{THIEF}>" for end in (" (", "\u200b", "\0")]
    files = {"bieu.xlsx": place.form(HANOI, NUMBER, DAY), "bao-cao.pdf": PDF}
    assert_all_wait(with_server(place), heads, files, "dmarc=none; dkim=pass header.d=tan-cong.example")


def test_a_server_that_looked_at_another_domain_speaks_against_the_sender(place: Workplace) -> None:
    """Whatever it found there: what it calls the sender is not whom we read."""
    for result in ("none", "temperror", "pass", "bestguesspass"):
        head = f"From: {VICTIM}"
        seen = f"dmarc={result} header.from=tan-cong.example"
        taken = with_server(place).receive(as_sent(place, head, {"bao-cao.pdf": PDF}, seen), DAY)
        assert taken.reasons == ("máy chủ thư cho biết địa chỉ gửi có thể bị giả mạo (DMARC không đạt)",)


REAL = [
    f"From: {VICTIM}",
    f"From: {VICTIM.upper()}",
    f"From: {VICTIM} <{VICTIM}>",
    f"From: '{VICTIM}' <{VICTIM}>",
    f'From: "{VICTIM}" <{VICTIM}>',
    f"From: Sở LĐ-TB&XH TP. Hà Nội <{VICTIM}>",
    f"From: {word('Nguyễn Văn A; (Phòng BTXH), <x>')} <{VICTIM}>",
    f"From: {word('Sở')}\r\n {word(' LĐTBXH (')}\r\n <{VICTIM}>",
    f"From: {word('Sở')}<{VICTIM}>",
    f'From: "{word("Sở")}" <{VICTIM}>',
    f'From: "Nguyễn, \\"A\\" (B)" <{VICTIM}>',
    f"From: Sở (văn thư) <{VICTIM}>",
    f"From: {VICTIM} (Sở LĐTBXH)",
    f"From:\r\n\t<{VICTIM}>",
]


@pytest.mark.parametrize("head", REAL)
def test_a_department_is_known_however_it_writes_its_name(place: Workplace, head: str) -> None:
    raw = as_sent(place, head, {"bao-cao.pdf": PDF}, f"dmarc=pass header.from={HOST}")
    assert with_server(place).receive(raw, DAY).state is ReplyState.PROCESSED
    assert [message.recipient for message in place.messages(MessageKind.RECEIPT)] == [VICTIM]


@pytest.mark.parametrize(
    "to",
    [
        "{0} <{0}>",
        "'{0}' <{0}>",
        "'{0}'",
        "=?utf-8?q?V=C4=83n_ph=C3=B2ng=3B_=28?= <{0}>",
        "=?utf-8?q?V=C4=83n_ph=C3=B2ng=2C?=<{0}>",
        "Văn phòng; (bộ phận một cửa <{0}>",
        "Văn phòng, Bộ <{0}>",
        '"Văn phòng <{0}>',
        "ai-do@noi-khac.example <ai-do@noi-khac.example>,\r\n {0} <{0}>",
        "<mailto:{0}>",
        "Nơi nhận: {0};",
    ],
)
def test_the_mark_in_our_address_is_not_lost_by_the_name_beside_it(place: Workplace, to: str) -> None:
    ours = place.reply_address(HANOI)
    raw = place.mail(
        VICTIM, {"bao-cao.pdf": PDF}, to="To-Do@x.example", subject=f"Báo cáo số {NUMBER} ngày 20/12/2023"
    )
    raw = raw.replace(b"To: To-Do@x.example\r\n", f"To: {to.format(ours)}\r\n".encode(), 1)
    assert place.receive(raw, DAY).state is ReplyState.PROCESSED


def test_a_file_of_the_drop_folder_says_why_its_sender_is_not_known(place: Workplace) -> None:
    for number, (head, reason) in enumerate(
        ((f"From: {VICTIM}\r\nFrom: {THIEF}", SEVERAL), (f"From: G: {VICTIM};", UNCLEAR))
    ):
        place.lay_down(f"thu-{number}.eml", as_sent(place, head, {"bao-cao.pdf": PDF}), DAY)
        (taken,) = place.take_in(DAY)
        assert (taken.state, taken.reasons) == (ReplyState.QUARANTINED, (reason,))
