"""A mail of ours as a page shows it."""

from dataclasses import dataclass
from email import message_from_bytes
from email.policy import default


@dataclass(frozen=True)
class ShownMail:
    """A mail as it left or would leave."""

    to: str
    subject: str
    text: str
    files: tuple[str, ...]

    @classmethod
    def of(cls, raw: bytes) -> "ShownMail":
        mail = message_from_bytes(raw, policy=default)
        body = mail.get_body(("plain",))
        text = str(body.get_content()) if body is not None else ""
        files = tuple(str(part.get_filename()) for part in mail.iter_attachments())
        return cls(str(mail["To"]), str(mail["Subject"]), text, files)
