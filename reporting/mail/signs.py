"""Mail that no person wrote: bounces, read receipts, automatic answers."""

import re
from email.message import EmailMessage

from reporting.mail.fields import quietly, value_of, values_of

_AUTOMATIC_SENDER = re.compile(r"^(mailer-daemon|postmaster|no-?reply|do-?not-?reply)@", re.IGNORECASE)
_AUTOMATIC_PRECEDENCE = {"auto_reply", "bulk", "junk", "list"}


def is_bounce(message: EmailMessage, sender: str | None) -> bool:
    """Whether a mail server says that a mail could not be delivered, or not yet."""
    if quietly(message.get_content_type, "") == "multipart/report":
        return not is_read_receipt(message)
    return bool(sender and sender.startswith("mailer-daemon@"))


def is_read_receipt(message: EmailMessage) -> bool:
    """Whether a mail program says that a mail was opened (RFC 8098)."""
    kind = quietly(lambda: str(message.get_param("report-type", "")), "")
    return quietly(message.get_content_type, "") == "multipart/report" and (
        kind.strip().lower() == "disposition-notification"
    )


def is_from_list(message: EmailMessage) -> bool:
    """Whether a mailing list passed a mail on (RFC 2919, RFC 2369)."""
    return any(
        values_of(message, name) for name in ("List-Id", "List-Post", "List-Unsubscribe", "Mailing-List")
    )


def is_automatic(message: EmailMessage, sender: str | None, has_files: bool) -> bool:
    """RFC 3834 and what programs write instead; a real answer has none of these signs."""
    submitted = value_of(message, "Auto-Submitted").partition(";")[0].strip().lower()
    if submitted not in ("", "no"):
        return True
    if any(values_of(message, name) for name in ("X-Autoreply", "X-Autorespond", "X-Auto-Reply")):
        return True
    if value_of(message, "Precedence").strip().lower() in _AUTOMATIC_PRECEDENCE:
        return True
    if any(value.strip() == "<>" for value in values_of(message, "Return-Path")):
        return True
    if sender and _AUTOMATIC_SENDER.match(sender):
        return True
    suppressed = value_of(message, "X-Auto-Response-Suppress").strip().lower() == "all"
    return suppressed and not has_files
