"""setup: what an office is asked before it starts; written into its home, tried, and asked again at will."""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deployments.cli import terminal
from deployments.cli.language import in_language
from deployments.cli.terminal import say
from reporting.errors import BadInput

if TYPE_CHECKING:
    from config.settings import Settings
    from reporting.mail.servers import MailServer


def setup(
    contact: Annotated[str | None, typer.Option(help="Cán bộ đầu mối của Văn phòng.", metavar="TÊN")] = None,
    telephone: Annotated[
        str | None, typer.Option(help="Điện thoại của cán bộ đầu mối.", metavar="SỐ")
    ] = None,
    mail_from: Annotated[str | None, typer.Option(help="Địa chỉ thư của Văn phòng.")] = None,
    smtp: Annotated[str | None, typer.Option(help="Máy chủ gửi thư.", metavar="MÁY:CỔNG")] = None,
    smtp_tls: Annotated[str | None, typer.Option(help="Mã hóa khi gửi: required, implicit, none.")] = None,
    smtp_login: Annotated[
        bool | None, typer.Option("--smtp-login/--smtp-open", help="Máy chủ gửi có cần đăng nhập không.")
    ] = None,
    imap: Annotated[str | None, typer.Option(help="Máy chủ nhận thư.", metavar="MÁY:CỔNG")] = None,
    imap_tls: Annotated[str | None, typer.Option(help="Mã hóa khi nhận: required, implicit, none.")] = None,
    user: Annotated[str | None, typer.Option(help="Tên đăng nhập hộp thư (mặc định: địa chỉ thư).")] = None,
    password_file: Annotated[
        Path | None, typer.Option(help="Tệp có mật khẩu hộp thư ở dòng đầu.", metavar="TỆP")
    ] = None,
    ops: Annotated[str | None, typer.Option(help="Địa chỉ nhận thư báo sự cố.")] = None,
    managers: Annotated[str | None, typer.Option(help="Địa chỉ nhận bản tin hằng tuần.")] = None,
    succession: Annotated[
        str | None, typer.Option(help="Văn bản gia hạn Chương trình: số, ngày.", metavar="VĂN BẢN")
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option(help="Hạn mới theo văn bản ấy.", formats=terminal.DAY_FORMATS, metavar="NGÀY"),
    ] = None,
    trial: Annotated[bool, typer.Option("--trial/--no-trial", help="Gửi thư thử và đọc lại.")] = True,
    ask: Annotated[bool, typer.Option("--ask/--no-ask", help="Hỏi những gì chưa cho.")] = True,
) -> None:
    """Hỏi những gì cần để bắt đầu, kiểm tra, gửi thư thử, ghi vào thư mục làm việc; chạy lại được."""
    from reporting import clock
    from reporting.home.folder import init_home, upgrade_is_due
    from reporting.upkeep.setup import plan, present

    settings, now = terminal.settings(), clock.now()
    if not upgrade_is_due(settings):
        init_home(settings, now).engine.dispose()
    today = clock.day_of(now)
    programme = present(settings)
    issuer = programme.agency("issuer", today)
    answers = _Answers(ask)
    say(f"Chương trình: {programme.short_name}. Enter giữ giá trị trong ngoặc; Ctrl-C thôi, chưa ghi gì.")
    contact = answers.of("Cán bộ đầu mối", contact, issuer.contact_name)
    telephone = answers.of("Điện thoại", telephone, issuer.contact_telephone)
    document = succession
    if document is None and not programme.succession and programme.valid_to < today:
        say(f"Chương trình đã hết hạn ngày {programme.valid_to:%d/%m/%Y}.")
        document = answers.of("Văn bản gia hạn (để trống nếu chưa có)", None, "")
    follows = _follows(answers, document, until)
    values: dict[str, str | None] = {
        "mail_from": answers.of("Địa chỉ thư của Văn phòng", mail_from, settings.mail_from)
    }
    mailbox = _Mailbox(smtp, smtp_tls, smtp_login, imap, imap_tls, user, password_file)
    values |= mailbox.urls(answers, settings, values["mail_from"])
    values["ops_to"] = answers.of("Địa chỉ nhận thư báo sự cố", ops, settings.ops_to)
    values["managers_to"] = answers.of("Địa chỉ lãnh đạo nhận bản tin tuần", managers, settings.managers_to)
    given = {"contact_name": contact, "contact_telephone": telephone}
    details = {name: value for name, value in given.items() if value and value != getattr(issuer, name)}
    made = plan(settings, values, today=today, contact=details, succession=follows)
    if trial and made.settings.smtp_url is not None:
        _try(made.settings)
    made.write()
    _report(settings, made.settings, values, today)


class _Answers:
    """What a person answers; without questions, what was given or stands."""

    def __init__(self, asks: bool) -> None:
        self._asks = asks

    def of(self, question: str, given: str | None, standing: str | None) -> str | None:
        if given is not None or not self._asks:
            return given if given is not None else standing
        words = str(typer.prompt(in_language(question), default=standing or "", show_default=bool(standing)))
        return words.strip() or None

    def yes(self, question: str, given: bool | None, standing: bool) -> bool:
        if given is not None or not self._asks:
            return standing if given is None else given
        words = str(typer.prompt(in_language(f"{question} (c/k)"), default="c" if standing else "k"))
        return words.strip().lower()[:1] in ("c", "y")

    def secret(self) -> str | None:
        if not self._asks:
            return None
        question = in_language("Mật khẩu hộp thư (không hiện; Enter giữ mật khẩu đã có)")
        return str(typer.prompt(question, default="", show_default=False, hide_input=True)) or None


def _follows(answers: _Answers, document: str | None, until: datetime | None) -> dict[str, Any] | None:
    if not document:
        return None
    if until is None:
        typed = answers.of("Hạn mới theo văn bản ấy (dd/mm/yyyy)", None, None) or ""
        for form in terminal.DAY_FORMATS:
            try:
                until = datetime.strptime(typed, form)  # noqa: DTZ007 - a day has no zone
            except ValueError:
                continue
    if until is None:
        raise BadInput("Văn bản gia hạn cần hạn mới (--until), dạng dd/mm/yyyy.")
    day: date = until.date()
    return {"kind": "extends", "document": document, "valid_to": day}


def _password(answers: _Answers, file: Path | None) -> str | None:
    if file is None:
        return answers.secret()
    try:
        return file.read_text(encoding="utf-8").split("\n")[0].strip("\r")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"Không đọc được tệp mật khẩu {file}.") from error


@dataclass(frozen=True)
class _Mailbox:
    """What was given of the mailbox on the command line."""

    smtp: str | None
    smtp_tls: str | None
    smtp_login: bool | None
    imap: str | None
    imap_tls: str | None
    user: str | None
    password_file: Path | None

    def urls(self, answers: _Answers, settings: "Settings", own: str | None) -> dict[str, str | None]:
        """Both servers' URLs; None for one that stays as it is, with its own user and password."""
        from reporting.mail.servers import imap_server, parse_server

        reads = imap_server(settings)
        url = settings.smtp_url
        sends = parse_server(url.get_secret_value(), "smtp", "KYBAOCAO_SMTP_URL") if url else None
        smtp = answers.of("Máy chủ gửi thư (máy:cổng)", self.smtp, sends.name if sends else None)
        smtp_tls = smtp and answers.of(
            "Mã hóa khi gửi (required, implicit, none)", self.smtp_tls, sends.tls if sends else "required"
        )
        imap = answers.of("Máy chủ nhận thư (máy:cổng)", self.imap, reads.name if reads else None)
        imap_tls = imap and answers.of(
            "Mã hóa khi nhận (required, implicit, none)", self.imap_tls, reads.tls if reads else "implicit"
        )
        if not smtp and not imap:
            return {}
        user = answers.of("Tên đăng nhập", self.user, (reads and reads.user) or own)
        password = _password(answers, self.password_file)
        open_before = sends is not None and sends.user is None
        logs_in = answers.yes("Máy chủ gửi thư cần đăng nhập", self.smtp_login, not open_before)
        return {
            "smtp_url": _url("smtp", smtp, smtp_tls, user if logs_in else None, password, sends),
            "imap_url": _url("imap", imap, imap_tls, user, password, reads),
        }


def _url(
    scheme: str,
    server: str | None,
    tls: str | None,
    user: str | None,
    password: str | None,
    before: "MailServer | None",
) -> str | None:
    from reporting.upkeep.setup import server_url

    if not server or not tls:
        return None
    if before is not None:
        if password is None and (before.name, before.tls, before.user) == (server, tls, user):
            return None
        # A password goes to the server and the name it was given for, and to no other.
        if password is None and (before.name, before.user) == (server, user):
            password = before.password
    return server_url(
        scheme, server, tls, user, password if user else None, before.folder if before else None
    )


def _try(settings: "Settings") -> None:
    import time

    from reporting.mail.trial import try_mailbox

    say("Đang gửi thư thử và chờ đọc lại (nhiều nhất một phút)…")
    try_mailbox(settings, lambda: time.sleep(1))
    say("Đã gửi và đọc lại được thư thử, kể cả địa chỉ cộng.")


def _report(settings: "Settings", made: "Settings", values: dict[str, str | None], today: date) -> None:
    from reporting.check_config import stand_ins
    from reporting.upkeep.setup import present

    say(f"Đã ghi vào {settings.home / 'office'} (chỉ chủ thư mục đọc được).")
    now_read = terminal.settings()
    for name, value in values.items():
        if value is not None and getattr(now_read, name) != getattr(made, name):
            terminal.complain(
                f"KYBAOCAO_{name.upper()} trong môi trường hoặc .env vẫn được dùng trước giá trị vừa ghi."
            )
    for line in stand_ins(present(settings), today):
        terminal.complain(f"Lưu ý: {line}.")
    say("Tiếp theo: kybaocao check-config, rồi kybaocao contacts import.")


def add_to(app: typer.Typer) -> None:
    app.command("setup")(setup)
