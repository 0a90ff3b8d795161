"""setup: an office's answers checked, tried with a real mailbox, and written where nothing is tracked."""

import io
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.settings import Settings
from tests.deployments.cli.conftest import Office
from tests.postoffice import PASSWORD, PostOffice, open_postoffice, skip_without

OWN = "vpqggn@van-phong.example"
PEOPLE = ("--contact", "Bà Lê Thị Thử", "--telephone", "024 0000 0000", "--ops", "truc@van-phong.example")
UNSET = {"MAIL_FROM": ""}  # the harness sets it; an empty one does not count


@pytest.fixture(scope="module")
def servers() -> Iterator[PostOffice]:
    skip_without("postfix", "dovecot")
    with open_postoffice(OWN) as postoffice:
        yield postoffice


def _files(office: Office) -> dict[str, bytes]:
    top = office.folder / "home" / "office"
    return {path.relative_to(top).as_posix(): path.read_bytes() for path in top.rglob("*") if path.is_file()}


def _mailbox(servers: PostOffice, password: str) -> list[str]:
    return [
        *(
            "--mail-from",
            OWN,
            "--smtp",
            f"127.0.0.1:{servers.smtp_port}",
            "--smtp-tls",
            "none",
            "--smtp-open",
        ),
        *("--imap", f"127.0.0.1:{servers.imap_port}", "--imap-tls", "none", "--password-file", password),
    ]


def test_answers_are_tried_written_and_asked_again(tmp_path: Path, servers: PostOffice) -> None:
    office = Office(tmp_path)
    secret = office.add("mat-khau", f"{PASSWORD}\n")
    ran = office.run("setup", "--no-ask", *PEOPLE, *_mailbox(servers, secret), **UNSET)
    assert (ran.code, ran.err) == (0, ""), servers.log()
    assert "đọc lại được thư thử" in ran.out
    assert PASSWORD not in ran.out
    files = _files(office)
    assert set(files) == {"settings.env", "programmes/ctph-109/agencies.yaml"}
    for name in files:
        assert stat.S_IMODE((office.folder / "home" / "office" / name).stat().st_mode) == 0o600
    with servers.mailbox(OWN) as client:
        assert client.search(["SUBJECT", "thiet"]) == []
        assert client.search(["UNDELETED"]) == []
    settings = Settings(home=office.folder / "home")
    assert (settings.mail_from, settings.ops_to) == (OWN, "truc@van-phong.example")
    checked = office.run("check-config")
    assert "Bà Lê Thị Thử" in checked.out
    assert "đầu mối" not in checked.out
    again = office.run("setup", "--no-ask", "--telephone", "024 1111 1111", **UNSET)
    assert (again.code, again.err) == (0, ""), servers.log()
    assert "đọc lại được thư thử" in again.out
    assert _files(office)["settings.env"] == files["settings.env"]
    assert "024 1111 1111" in office.run("check-config").out


def test_a_person_is_asked_and_may_leave_at_any_point(
    tmp_path: Path, servers: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = Office(tmp_path)
    monkeypatch.setattr("getpass.getpass", lambda *_args, **_more: input())  # no terminal to hide it on
    typed = ["Bà Lê Thị Thử", "024 0000 0000", "12/QĐ-BNNMT ngày 05/01/2026", "31/12/2030", OWN]
    typed += [f"127.0.0.1:{servers.smtp_port}", "none", f"127.0.0.1:{servers.imap_port}", "none", ""]
    typed += [PASSWORD, "k", "truc@van-phong.example", "lanh-dao@van-phong.example"]
    for left_after in range(len(typed)):
        monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in typed[:left_after])))
        ran = office.run("setup", **UNSET)
        assert ran.code != 0
        assert "Traceback" not in ran.err
        assert _files(office) == {}
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in typed)))
    ran = office.run("setup", **UNSET)
    assert (ran.code, ran.err) == (0, ""), ran
    written = _files(office)
    monkeypatch.setattr("sys.stdin", io.StringIO("\n" * len(typed)))
    assert office.run("setup", **UNSET).code == 0
    assert _files(office) == written


def test_a_password_goes_to_no_other_server(tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.add("mat-khau", "bi mat\n")
    servers = ("--smtp", "a.example:587", "--imap", "a.example:993", "--password-file", "mat-khau")
    assert office.run("setup", "--no-ask", "--no-trial", "--mail-from", OWN, *servers, **UNSET).code == 0
    assert b"bi%20mat" in _files(office)["settings.env"]
    moved = ("--smtp", "b.example:587", "--imap", "b.example:993")
    assert office.run("setup", "--no-ask", "--no-trial", *moved, **UNSET).code == 0
    assert b"bi%20mat" not in _files(office)["settings.env"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--ops", "khong phai dia chi"], 2),
        (["--succession", "12/QĐ-BNNMT ngày 05/01/2026"], 2),
        (["--smtp", "127.0.0.1:1", "--imap", "127.0.0.1:1", "--mail-from", OWN], 3),
        (["--smtp", "127.0.0.1:cong", "--mail-from", OWN], 2),
        (["--smtp", "127.0.0.1:25", "--smtp-tls", "maybe", "--mail-from", OWN], 2),
        (["--password-file", "khong-co", "--smtp", "127.0.0.1:25"], 2),
    ],
)
def test_what_cannot_work_is_one_line_and_writes_nothing(
    tmp_path: Path, arguments: list[str], code: int
) -> None:
    office = Office(tmp_path)
    ran = office.run("setup", "--no-ask", *PEOPLE[:4], *arguments, **UNSET)
    assert ran.code == code, ran
    assert len(ran.err.strip().splitlines()) == 1
    assert "Traceback" not in ran.err
    assert _files(office) == {}


def test_a_succession_document_lets_cycles_go_on(tmp_path: Path) -> None:
    office = Office(tmp_path)
    document = ("--succession", "12/QĐ-BNNMT ngày 05/01/2026", "--until", "31/12/2030")
    ran = office.run("setup", "--no-ask", *document, **UNSET)
    assert ran.code == 0, ran
    assert "tên cán bộ đầu mối, số điện thoại" in ran.err
    shown = office.run("check-config")
    assert (shown.code, "12/QĐ-BNNMT" in shown.out) == (0, True)


def test_a_stand_in_is_told_of_before_mail_leaves(tmp_path: Path) -> None:
    office = Office(tmp_path)
    assert office.run("init").code == 0
    words = "chưa có tên cán bộ đầu mối, số điện thoại"
    opens = ("open", "annual-2023", "--today", "2023-12-06")
    assert words in office.run(*opens).out
    assert words in office.run("send", "--today", "2023-12-06").out
    agencies = tmp_path / "home" / "office" / "programmes" / "ctph-109" / "agencies.yaml"
    agencies.parent.mkdir(parents=True)
    agencies.write_text(
        "agencies: [{role: issuer, valid_from: 2021-01-01, contact_name: A, contact_telephone: '024'}]"
    )
    assert words not in office.run("send", "--today", "2023-12-06").out
