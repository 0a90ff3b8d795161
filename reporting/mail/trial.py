"""A mail to ourselves by the office's servers, and back: whether both and plus-addresses work."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from email.message import EmailMessage

from aiosmtplib import SMTPException, send
from imapclient import IMAPClient

from config.settings import Settings
from reporting.errors import BadInput, ServiceUnavailable
from reporting.mail.inbox.imap import opened, select_folder
from reporting.mail.servers import imap_server, smtp_server
from reporting.vietnamese.text import clean_line

_LOOKS = 60  # one a second: a mail to oneself that takes longer is a matter for a person


def try_mailbox(settings: Settings, pause: Callable[[], object], looks: int = _LOOKS) -> None:
    """Send a mail to our own plus-address and read it back; it is taken away again.

    ``pause`` waits between two looks. Raises BadInput for settings that cannot work, ServiceUnavailable
    when a server refuses or the mail does not come.
    """
    server, own = smtp_server(settings)
    mailbox = imap_server(settings)
    if mailbox is None:
        raise BadInput("Chưa đặt KYBAOCAO_IMAP_URL nên không đọc lại được thư thử.")
    with opened(mailbox) as client:  # who cannot read back need not send
        select_folder(client, mailbox.folder, readonly=True)
    box, _, domain = own.rpartition("@")
    mail = EmailMessage()
    mail["From"], mail["To"] = own, f"{box}+thu-thiet-lap@{domain}"
    mail["Subject"] = "Thư thử khi thiết lập"
    mail["Message-ID"] = f"<{secrets.token_hex(16)}@{domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content("Thư này do lệnh setup gửi để thử hộp thư, được xóa sau khi đọc lại.\n")
    try:
        asyncio.run(
            send(
                mail,
                hostname=server.host,
                port=server.port,
                username=server.user,
                password=server.password,
                oauth_token_generator=None if server.token is None else _token(server.token),
                use_tls=server.tls == "implicit",
                start_tls=server.tls == "required",
            )
        )
    except (SMTPException, OSError) as error:
        raise ServiceUnavailable(
            f"Không gửi được thư thử qua {server.name} ({clean_line(str(error))})."
        ) from error
    for _ in range(looks):
        with opened(mailbox) as client:
            select_folder(client, mailbox.folder, readonly=False)
            if _taken_away(client, mail["Message-ID"]):
                return
        pause()
    raise ServiceUnavailable(
        f"Thư thử đã gửi đến {mail['To']} nhưng không thấy trong hộp thư {mailbox.name}: "
        "hãy hỏi người quản trị máy chủ thư về địa chỉ cộng và thư mục thư rác."
    )


def _token(token: Callable[[], str]) -> Callable[[], Awaitable[str]]:
    return lambda: asyncio.to_thread(token)


def _taken_away(client: IMAPClient, message_id: str) -> bool:
    uids = client.search(["HEADER", "Message-ID", message_id])
    if not uids:
        return False
    client.delete_messages(uids)
    if client.has_capability("UIDPLUS"):  # without it, expunge would take what others marked
        client.uid_expunge(uids)
    return True
