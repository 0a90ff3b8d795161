"""Mailboxes as offices have them: in use for years, full, forbidding, huge, with odd names and ways in."""

import asyncio
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, quote

import pytest
from imapclient.imap_utf7 import encode
from pydantic import SecretStr

from reporting import clock
from reporting.day import queue_due, receive, run_day
from reporting.errors import ServiceUnavailable
from reporting.mail import oauth
from reporting.mail.inbox.imap import behind, opened, select_folder
from reporting.mail.servers import imap_server as imap_server_of
from reporting.replies.collect import collect, file_mail_away, take_in_replies
from reporting.states import ReplyState
from reporting.store.tables import RawReply
from tests.imap_script import Mailbox, imap_server
from tests.workplace import CODES, HANOI, NGHE_AN, OWN, UNREACHABLE, Workplace, box

LOOKED = date(2024, 1, 8)
DAY = date(2024, 1, 9)
REMINDED = date(2024, 1, 10)


def at(day: date, hour: int = 8) -> datetime:
    return clock.at(day, hour)


@pytest.fixture
def mailbox(place: Workplace) -> Iterator[Mailbox]:
    mailbox = Mailbox()
    with imap_server(mailbox) as port:
        use(place, f"imap://bc:mat-khau@127.0.0.1:{port}/INBOX?tls=none")
        yield mailbox


def use(place: Workplace, imap_url: str, **settings: Any) -> None:
    place.settings = place.settings.model_copy(update={"imap_url": SecretStr(imap_url), **settings})


def old_mails(place: Workplace, mailbox: Mailbox) -> None:
    """What lies in a mailbox in use: mail of the departments' own boxes, of long ago and of this cycle."""
    for code in [code for code in CODES if code != UNREACHABLE] * 5:
        mailbox.add(place.mail(box(code), subject="Giấy mời họp giao ban tháng 6"), at(date(2023, 12, 20)))


def subjects(place: Workplace) -> list[str | None]:
    return [place.reply(number).subject for number in range(1, place.count(RawReply) + 1)]


def test_the_first_look_leaves_what_lies_there(place: Workplace, mailbox: Mailbox) -> None:
    """200 old mails were taken once: fifty departments under review, and not reminded."""
    old_mails(place, mailbox)
    before = dict(mailbox.mails)
    (line,) = collect(place.context(LOOKED)).done
    assert f"để nguyên {len(before)} thư" in line
    assert "KYBAOCAO_MAIL_SINCE" in line
    mailbox.add(place.mail("nguoi-la@noi-khac.example", subject="moi"), at(LOOKED, 12))
    assert collect(place.context(DAY)).done == ("nhận 1 thư, tệp mới",)
    take_in_replies(place.context(DAY))
    file_mail_away(place.context(DAY))
    assert subjects(place) == ["moi"]
    assert mailbox.mails == before
    reminded = queue_due(place.context(REMINDED)).done
    assert len(reminded) == len(CODES) - 1


def test_an_answer_to_our_address_is_taken_also_from_there(place: Workplace, mailbox: Mailbox) -> None:
    old_mails(place, mailbox)
    form = place.form(HANOI, "12/BC-SLĐTBXH", LOOKED)
    answer = place.mail(box(HANOI), {"b.xlsx": form}, to=place.reply_address(HANOI), subject="bao cao")
    mailbox.add(answer, at(LOOKED, 7))
    forged = place.mail(box(HANOI), to="vpqggn+tin-tuc@coquan.example".replace("vpqggn", OWN.split("@")[0]))
    mailbox.add(forged, at(LOOKED, 7))
    collect(place.context(LOOKED))
    assert subjects(place) == ["bao cao"]


def test_a_day_that_a_person_names_is_where_it_begins(place: Workplace, mailbox: Mailbox) -> None:
    for day in (1, 5, 6, 7):
        mailbox.add(place.mail("ai@noi-khac.example", subject=f"ngay {day}"), at(date(2024, 1, day), 0))
    collect(place.context(LOOKED))
    assert subjects(place) == []
    place.settings = place.settings.model_copy(update={"mail_since": date(2024, 1, 6)})
    (line, _) = collect(place.context(LOOKED)).done
    assert "đọc thư đến từ ngày 06/01/2024" in line
    assert subjects(place) == ["ngay 6", "ngay 7"]
    place.settings = place.settings.model_copy(update={"mail_since": date(2024, 1, 5)})
    collect(place.context(DAY))
    assert sorted(map(str, subjects(place))) == ["ngay 5", "ngay 6", "ngay 7"], "none twice"
    assert collect(place.context(DAY)).done == ()


def test_mail_older_than_the_cycle_makes_no_unit_under_review(place: Workplace, mailbox: Mailbox) -> None:
    for day in (date(2023, 11, 20), LOOKED):
        mailbox.add(place.mail(box(HANOI), subject=f"{day}"), at(day))
        mailbox.add(place.mail(box(NGHE_AN), subject=f"{day}"), at(date(2023, 11, 20)))
    place.settings = place.settings.model_copy(update={"mail_since": date(2023, 11, 1)})
    collect(place.context(LOOKED))
    assert len(take_in_replies(place.context(LOOKED)).waiting) == 4
    assert (place.state(HANOI, LOOKED), place.state(NGHE_AN, LOOKED)) == ("under_review", "missing")


def test_the_last_line_of_a_day_counts_what_waits_from_before(place: Workplace, mailbox: Mailbox) -> None:
    collect(place.context(LOOKED))
    for number in range(7):
        mailbox.add(place.mail(f"ai-{number}@noi-khac.example"), at(LOOKED))
    days = [
        asyncio.run(run_day(place.context(day), lambda *_: pytest.fail("nothing to compile")))
        for day in (LOOKED, DAY)
    ]
    assert all(outcome.things_waiting >= 7 for outcome in days)
    assert "7 thư chờ xử lý từ trước (kybaocao quarantine)" in days[1].waiting
    assert "7 thư chờ xử lý từ trước (kybaocao quarantine)" not in days[0].waiting


def test_a_renumbered_folder_begins_where_it_began(place: Workplace, mailbox: Mailbox) -> None:
    old_mails(place, mailbox)
    collect(place.context(LOOKED))
    mailbox.add(place.mail("ai@noi-khac.example", subject="moi"), at(DAY))
    collect(place.context(DAY))
    mailbox.validity = 8
    mailbox.mails = {uid + 1000: mail for uid, mail in mailbox.mails.items()}
    mailbox.next_uid += 1000
    mailbox.add(place.mail("ai@noi-khac.example", subject="moi nua"), at(DAY, 10))
    collect(place.context(DAY, 11))
    assert subjects(place) == ["moi", "moi nua"]


def test_a_server_by_another_name_is_no_new_mailbox(place: Workplace, mailbox: Mailbox) -> None:
    collect(place.context(LOOKED))
    mailbox.add(place.mail("ai@noi-khac.example", subject="moi"), at(LOOKED, 12))
    use(place, place.settings.imap_url.get_secret_value().replace("127.0.0.1", "localhost"))  # type: ignore[union-attr]
    collect(place.context(DAY))
    assert subjects(place) == ["moi"]


REFUSALS = {
    "over quota": {"MOVE": "NO [OVERQUOTA] Quota exceeded (mailbox for user is full)"},
    "no right to create": {"CREATE": "NO [NOPERM] Permission denied"},
    "no right to move": {"MOVE": "NO [CANNOT] Operation is not permitted"},
    "too big for the folder": {"MOVE": "NO [LIMIT] APPENDLIMIT exceeded"},
    "read only": {"SELECT": "NO [ALERT] read-only mailbox"},
    "a server at its wits' end": {"LIST": "BAD Command unknown"},
    "gone while filing": {"MOVE": "BYE"},
}


@pytest.mark.parametrize(
    "name", [*REFUSALS, "no move, no uidplus", "a namespace that is offered and not told"]
)
def test_a_mailbox_that_will_not_file_ends_no_day(place: Workplace, mailbox: Mailbox, name: str) -> None:
    collect(place.context(LOOKED))
    mailbox.refuses = REFUSALS.get(name, {})
    if name == "no move, no uidplus":
        mailbox.capabilities = "IMAP4rev1"
    if "namespace" in name:
        mailbox.capabilities += " NAMESPACE"
        mailbox.refuses = {"NAMESPACE": "NO not today"} if "told" in name else {}
        mailbox.namespace = '(("&Qw" "/")) NIL NIL'  # no UTF-7
    mailbox.add(place.mail("ai@noi-khac.example", subject="moi"), at(DAY))
    collect(place.context(DAY))
    take_in_replies(place.context(DAY))
    outcome = file_mail_away(place.context(DAY))
    if "namespace" in name:
        assert outcome.done == ("xếp 1 thư vào thư mục",)
        return
    (line,) = outcome.failures
    assert "INBOX" in line or "không mất thư nào" in line
    assert "thư vào thư mục" in line
    assert list(mailbox.mails) == [1], "it stays where it is"
    assert len(queue_due(place.context(REMINDED)).done) == len(CODES) - 1
    mailbox.refuses, mailbox.capabilities = {}, Mailbox().capabilities
    assert file_mail_away(place.context(REMINDED)).done == ("xếp 1 thư vào thư mục",)


def test_the_whole_round_goes_on(place: Workplace, mailbox: Mailbox) -> None:
    collect(place.context(LOOKED))
    mailbox.refuses = {"MOVE": "NO [OVERQUOTA] full"}
    mailbox.add(place.mail("ai@noi-khac.example"), at(DAY))
    outcome = asyncio.run(receive(place.context(DAY)))
    assert any("không chuyển được 1 thư" in line for line in outcome.failures)
    assert place.reply(1).state is ReplyState.QUARANTINED


@pytest.mark.parametrize("capabilities", ["IMAP4rev1 UIDPLUS", "IMAP4rev1 UIDPLUS MOVE", "IMAP4rev1 MOVE"])
def test_folders_with_vietnamese_names_and_a_prefix(
    place: Workplace, mailbox: Mailbox, capabilities: str
) -> None:
    mailbox.inbox = "Hộp thư.Báo cáo & số liệu"
    mailbox.capabilities = f"{capabilities} NAMESPACE"
    mailbox.namespace = f'(("{encode("Hộp thư.").decode()}" ".")) NIL NIL'
    url = place.settings.imap_url.get_secret_value()  # type: ignore[union-attr]
    use(place, url.replace("/INBOX", f"/{quote(mailbox.inbox)}"))
    collect(place.context(LOOKED))
    mailbox.add(place.mail("ai@noi-khac.example", subject="moi"), at(DAY))
    collect(place.context(DAY))
    take_in_replies(place.context(DAY))
    assert file_mail_away(place.context(DAY)).done == ("xếp 1 thư vào thư mục",)
    assert list(mailbox.folders) == ["Hộp thư.Quarantine"]
    assert mailbox.mails == {}


def test_a_folder_of_170_000_mails_is_asked_for_in_ranges(place: Workplace, mailbox: Mailbox) -> None:
    """One line with all their numbers is more than a client reads."""
    mailbox.only_numbers = range(1_000_001, 1_170_001)
    mailbox.next_uid = 1_170_001
    assert "để nguyên 170000 thư" in collect(place.context(LOOKED)).done[0]
    assert place.count(RawReply) == 0
    server = imap_server_of(place.settings)
    assert server is not None
    with opened(server) as client:
        folder = select_folder(client, "INBOX", readonly=True)
        assert behind(client, folder, 0) == list(mailbox.only_numbers)
        assert behind(client, folder, 1_169_990) == list(range(1_169_991, 1_170_001))


@pytest.mark.parametrize("password", ["mật-khẩu", "пароль", 'a"b\\c d'])
def test_a_password_may_have_any_letters(place: Workplace, mailbox: Mailbox, password: str) -> None:
    mailbox.logins = {f"PLAIN \0bc\0{password}", f"LOGIN bc {password}", "LOGIN bc a\\b\\\\c d"}
    url = place.settings.imap_url.get_secret_value()  # type: ignore[union-attr]
    use(place, url.replace("mat-khau", quote(password)))
    collect(place.context(LOOKED))
    mailbox.logins = set()
    with pytest.raises(ServiceUnavailable, match="Không đọc được hộp thư"):
        collect(place.context(LOOKED))


def test_where_plain_login_is_off_another_way_is_taken(place: Workplace, mailbox: Mailbox) -> None:
    mailbox.capabilities += " LOGINDISABLED"
    mailbox.logins = {"PLAIN \0bc\0mat-khau"}
    collect(place.context(LOOKED))


@contextmanager
def token_server(
    answers: list[tuple[int, dict[str, Any]]],
) -> Iterator[tuple[str, list[dict[str, list[str]]]]]:
    """A token server (RFC 6749, section 6) that gives those answers; its address, and what it was asked."""
    asked: list[dict[str, list[str]]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode()))
            status, content = answers[min(len(asked), len(answers)) - 1]
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(content).encode())

        def log_message(self, *_args: Any) -> None:
            return

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/token", asked
        finally:
            server.shutdown()
            thread.join()


def test_a_token_of_a_command_opens_the_mailbox(place: Workplace, mailbox: Mailbox, tmp_path: Path) -> None:
    mailbox.logins = {"XOAUTH2 user=bc\1auth=Bearer ya29.the-token\1\1"}
    (tmp_path / "token").write_text("ya29.the-token\n")
    command = f"{sys.executable} -c \"print(open('{tmp_path}/token').read())\""
    url = place.settings.imap_url.get_secret_value().replace("bc:mat-khau", "bc")  # type: ignore[union-attr]
    use(place, url, oauth_command=command)
    collect(place.context(LOOKED))
    (tmp_path / "token").write_text("another\n")
    with pytest.raises(ServiceUnavailable, match=r"AUTHENTICATE failed") as refusal:
        collect(place.context(LOOKED))
    assert "another" not in str(refusal.value)
    (tmp_path / "token").unlink()
    with pytest.raises(ServiceUnavailable, match="lệnh kết thúc với mã 1"):
        collect(place.context(LOOKED))


def test_a_refresh_token_is_renewed_and_the_newest_is_kept(place: Workplace, mailbox: Mailbox) -> None:
    mailbox.logins = {f"XOAUTH2 user=bc\1auth=Bearer access-{n}\1\1" for n in (1, 2)}
    url = place.settings.imap_url.get_secret_value().replace("bc:mat-khau", "bc")  # type: ignore[union-attr]
    answers: list[tuple[int, dict[str, Any]]] = [
        (200, {"access_token": "access-1", "expires_in": 3600, "refresh_token": "second"}),
        (200, {"access_token": "access-2", "expires_in": 3600}),
        (400, {"error": "invalid_grant", "error_description": "secret words"}),
    ]
    with token_server(answers) as (address, asked):
        use(
            place,
            url,
            oauth_token_url=address,
            oauth_client_id="bao-cao",
            oauth_client_secret=SecretStr("kin"),
            oauth_refresh_token=SecretStr("first"),
            oauth_scope="https://outlook.office.com/IMAP.AccessAsUser.All offline_access",
        )
        collect(place.context(LOOKED))
        collect(place.context(LOOKED))
        assert len(asked) == 1, "it lasts for an hour"
        assert asked[0]["refresh_token"] == ["first"]
        assert asked[0]["grant_type"] == ["refresh_token"]
        oauth._known.clear()  # as another process
        collect(place.context(LOOKED))
        assert asked[1]["refresh_token"] == ["second"]
        (kept,) = place.home.path.glob("oauth-*")
        assert kept.read_text() == "second"
        assert kept.stat().st_mode & 0o777 == 0o600
        oauth._known.clear()
        with pytest.raises(ServiceUnavailable, match=r"400 invalid_grant") as refusal:
            collect(place.context(LOOKED))
        assert "secret words" not in str(refusal.value)
    oauth._known.clear()


def test_a_token_goes_over_a_safe_line_only(place: Workplace, mailbox: Mailbox) -> None:
    url = place.settings.imap_url.get_secret_value().replace("bc:mat-khau", "bc")  # type: ignore[union-attr]
    for address in ("http://may-chu.example/token", "file:///etc/passwd", ""):
        use(place, url, oauth_token_url=address, oauth_refresh_token=SecretStr("first"))
        with pytest.raises(ServiceUnavailable, match="https"):
            collect(place.context(LOOKED))


def test_mail_from_before_us_that_comes_today_is_a_mail_of_today(place: Workplace, mailbox: Mailbox) -> None:
    """A wrong clock of a sender hides nothing: what counts is when our server took it."""
    collect(place.context(LOOKED))
    raw = place.mail("ai@noi-khac.example", subject="cu", headers={"Date": "Fri, 05 Jan 2018 08:00:00 +0700"})
    mailbox.add(raw, at(LOOKED, 9) + timedelta(minutes=1))
    collect(place.context(DAY))
    assert subjects(place) == ["cu"]
