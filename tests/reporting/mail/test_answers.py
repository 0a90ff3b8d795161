"""What servers' answers mean: as they are written down in public, each with its meaning."""

import csv

import pytest

from reporting.mail.answers import TABLE, Meaning, answer_means, meaning_of

US, ADDRESS, MAIL, LATER, UNSURE = (
    Meaning.US,
    Meaning.ADDRESS,
    Meaning.MAIL,
    Meaning.LATER,
    Meaning.UNSURE,
)

AT_SENDING = [
    (550, "5.4.5 Daily user sending limit exceeded. For more information on Gmail sending limits", US),
    (550, "5.4.5 Daily SMTP relay sending limit exceeded for customer", US),
    (550, "5.1.90 Your message can't be sent because you've reached your daily limit for recipients", US),
    (554, "5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException; Failed to process", US),
    (554, "5.2.2 mailbox full; STOREDRV.Submission.Exception:QuotaExceededException.MapiException", US),
    (550, "5.2.252 Sender throttled due to continuous send as denied errors.", US),
    (550, "5.7.233 Your message can't be sent because your tenant exceeded its daily limit", US),
    (432, "4.3.2 Concurrent connections limit exceeded. Visit https://aka.ms/concurrent_sending", US),
    (421, "4.4.2 Message submission rate for this client has exceeded the configured limit", US),
    (450, "4.7.1 <a@coquan.example>: Sender address rejected: Deferring: Too many messages from sender", US),
    (550, "Too many messages", US),
    (554, "5.7.1 <a@so.example>: Recipient address rejected: You have exceeded your Outmail quota.", US),
    (451, "Hourly sending limit reached, try again later", US),
    (552, "5.7.0 Number of messages exceeds maximum per hour: your sending limit", US),
    (530, "5.7.0 Authentication Required", US),
    (550, "5.1.8 Access denied, bad outbound sender AS(42004)", US),
    (550, "5.1.1 <x@so.example>: Recipient address rejected: User unknown in virtual mailbox table", ADDRESS),
    (550, "5.4.1 Recipient address rejected: Access denied. AS(201806281)", ADDRESS),
    (550, "No such user here", ADDRESS),
    (550, "x@so.example: Hộp thư không tồn tại", ADDRESS),
    (552, "5.3.4 message size exceeds fixed limit", MAIL),
    (554, "5.6.0 content refused", MAIL),
    (552, "5.2.3 Message exceeds maximum message size", MAIL),
    (450, "4.2.1 The user you are trying to contact is receiving mail too quickly.", LATER),
    (552, "5.2.2 The email account that you tried to reach is over quota", LATER),
    (550, "5.2.121 Recipient's per hour message receive limit from specific sender exceeded", LATER),
    (450, "4.1.1 unverified address", LATER),
    (451, "4.3.0 Mail server temporarily rejected message", LATER),
    (421, "4.3.2 Service closing transmission channel", UNSURE),
    (550, "5.7.1 Client host blocked using zen.spamhaus.example", UNSURE),
    (554, "5.7.1 relay access denied", UNSURE),
    (554, "Transaction failed", UNSURE),
    (550, "", UNSURE),
    (571, "Giao dịch bị hủy", UNSURE),
]

REPORTED = [
    ("5.1.1", "550 5.1.1 user unknown", ADDRESS),
    ("5.1.10", "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found", ADDRESS),
    ("5.2.1", "550 5.2.1 The email account that you tried to reach is disabled", ADDRESS),
    ("5.0.0", "550 5.1.1 no such user", ADDRESS),
    ("", "Địa chỉ này không tồn tại trên hệ thống", ADDRESS),
    ("5.4.316", "550 5.4.316 Message expired, connection refused(Socket error code 10061)", LATER),
    ("5.4.300", "Message expired", LATER),
    ("5.4.7", "delivery time expired", LATER),
    ("5.3.2", "554 System not accepting network messages (maintenance)", LATER),
    ("5.4.4", "Host or domain name not found. Name service error for name=so.example", LATER),
    ("5.4.6", "Routing loop detected", LATER),
    ("5.2.2", "552 5.2.2 mailbox full", LATER),
    ("", "Hộp thư của người nhận đã đầy", LATER),
    ("", "Người nhận đã vượt quá dung lượng cho phép", LATER),
    ("5.0.0", "550 blocked as spam", UNSURE),
    ("5.1.1", "550 rejected: 10.1.1.1 is listed on a blocklist", UNSURE),
    ("5.7.606", "550 5.7.606 Access denied, banned sending IP", UNSURE),
    ("5.0.350", "Requested action not taken: policy violation", UNSURE),
    ("5.0.0", "", UNSURE),
    ("", "", UNSURE),
]


@pytest.mark.parametrize(("code", "text", "meaning"), AT_SENDING, ids=[row[1][:40] for row in AT_SENDING])
def test_an_answer_at_sending(code: int, text: str, meaning: Meaning) -> None:
    assert answer_means(code, text) is meaning


@pytest.mark.parametrize(
    ("status", "text", "meaning"), REPORTED, ids=[f"{row[0]} {row[1][:30]}" for row in REPORTED]
)
def test_a_reported_failure(status: str, text: str, meaning: Meaning) -> None:
    assert meaning_of(status, text) is meaning


def test_each_row_of_the_table_says_where_it_was_learned() -> None:
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) > 20
    for row in rows:
        assert Meaning(row["meaning"])
        assert row["status"] or row["words"], row
        assert row["source"], row
