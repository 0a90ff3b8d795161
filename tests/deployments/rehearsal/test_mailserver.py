"""The mail servers of a rehearsal: they keep what they took, and are found again."""

import json
import os
import signal
import smtplib
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from imapclient import IMAPClient

from deployments.rehearsal import mailserver
from deployments.rehearsal.mailserver import Servers
from reporting import clock
from reporting.durable import write_durably

OWN = "bao-cao@van-phong.example"
NOON = clock.at(date(2024, 1, 15), 12)


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "mail"
    mailserver.stop(tmp_path / "mail")


def post(servers: Servers, *recipients: str, text: str = "x") -> dict[str, tuple[int, bytes]]:
    url = urlsplit(servers.smtp_url)
    with smtplib.SMTP(str(url.hostname), url.port or 0) as smtp:
        return smtp.sendmail("a@b.example", list(recipients), f"Subject: {text}\r\n\r\n{text}\r\n".encode())


def subjects(servers: Servers) -> list[str]:
    url = urlsplit(servers.imap_url)
    with IMAPClient(str(url.hostname), url.port, ssl=False) as client:
        client.login(url.username, url.password)
        client.select_folder("INBOX", readonly=True)
        found = client.fetch(client.search(), ["ENVELOPE"])
        return [found[uid][b"ENVELOPE"].subject.decode() for uid in sorted(found)]


def test_mail_goes_to_the_mailbox_or_to_its_department(root: Path) -> None:
    mailserver.set_now(root, NOON)
    servers = mailserver.start(root, OWN)
    post(servers, "So@Tinh-27.example", "bao-cao+ctph109.x@van-phong.example", text="mot")
    post(servers, OWN, text="hai")
    (copy,) = mailserver.delivered(root, "so@tinh-27.example")
    head = copy.read_text()
    assert "Delivered-To: so@tinh-27.example" in head
    assert "Mon, 15 Jan 2024 12:00:00 +0700" in head
    assert "van-phong" not in head
    assert subjects(servers) == ["mot", "hai"]


def test_what_was_taken_outlives_the_servers(root: Path) -> None:
    servers = mailserver.start(root, OWN)
    post(servers, OWN, "so@tinh-27.example", text="mot")
    os.kill(servers.pid, signal.SIGKILL)
    again = mailserver.start(root, OWN)
    assert again.pid != servers.pid
    post(again, OWN, "so@tinh-27.example", text="hai")
    assert subjects(again) == ["mot", "hai"]
    assert len(mailserver.delivered(root, "so@tinh-27.example")) == 2


def test_mail_that_lay_in_the_spool_is_handed_out_once(root: Path) -> None:
    spool, head = root / "spool", {"sender": "a@b.example", "recipients": ["so@tinh-27.example", OWN]}
    spool.mkdir(parents=True)
    mail = json.dumps({**head, "at": NOON.isoformat()}).encode() + b"\nSubject: mot\r\n\r\nx\r\n"
    for _ in range(2):  # the second time as if the crash had come after it was handed out
        write_durably(spool / "00000007.mail", mail)
        servers = mailserver.start(root, OWN)
        assert subjects(servers) == ["mot"]
        assert len(mailserver.delivered(root, "so@tinh-27.example")) == 1
        assert list(spool.iterdir()) == []
    post(servers, "so@tinh-27.example")
    assert mailserver.delivered(root, "so@tinh-27.example")[-1].name == "00000008.eml"


def test_an_address_that_is_no_plain_one_is_refused(root: Path) -> None:
    servers = mailserver.start(root, OWN)
    refused = post(servers, "so@tinh-27.example", "../../etc@tinh-27.example")
    assert list(refused) == ["../../etc@tinh-27.example"]
    assert sorted(path.name for path in (root / "departments").iterdir()) == ["so@tinh-27.example"]


def test_servers_of_a_killed_run_are_stopped(root: Path) -> None:
    """The parent dies without a word; the next start finds the child by its pid file."""
    program = (
        "import sys; from pathlib import Path; from deployments.rehearsal import mailserver as m;"
        "print(m.start(Path(sys.argv[1]), sys.argv[2]).pid, flush=True); sys.stdin.read()"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", program, str(root), OWN],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout is not None
    left = int(parent.stdout.readline())
    parent.kill()
    parent.communicate()
    servers = mailserver.start(root, OWN)
    assert not Path(f"/proc/{left}").exists() or "Z" in Path(f"/proc/{left}/stat").read_text().split()[2]
    assert subjects(servers) == []
    assert mailserver.stop(root)
    assert not mailserver.stop(root)
