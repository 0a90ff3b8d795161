"""Reading a report that a mail could not be delivered, or only late. Runs in a process of its own.

Most are written as RFC 3464 says; of the others flufl.bounce knows the ways of many servers. What a
report counts for is decided in ``mail.inbox.bounces``.
"""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message as Mail

from flufl.bounce import all_failures

from reporting.addresses.headers import mailbox
from reporting.mail.answers import Meaning, meaning_of
from reporting.mail.limits import CostlyMail, bounded_plain_policy
from reporting.vietnamese.text import clean_line

# It logs what it stumbles over, with a traceback; odd mail is nothing to wonder at.
logging.getLogger("flufl.bounce").addHandler(logging.NullHandler())
logging.getLogger("flufl.bounce").propagate = False

_MOST_RECIPIENTS = 50
_MOST_BYTES = 2**18  # of a report that are looked at; what it returns stands behind what it says
_LONGEST_TYPED = 1000
_LONGEST_REASON = 500
_LONGEST_NAME = 255  # characters of an address, or of the name of a mail
_MOST_TEXT = 200_000  # characters of a report that are looked at
_NAMED = re.compile(r"^[ \t>]*Message-ID:\s*(<[^<>\s]{1,250}>)", re.IGNORECASE | re.MULTILINE)
_STATUS = re.compile(r"\b[245]\.[0-9]\.[0-9]{1,3}\b")
# Where a server begins to give back what it could not deliver: none of its own words any more.
_GIVEN_BACK = re.compile(
    r"^-{2,} .{0,40}(copy|original|message|header|noi dung)", re.IGNORECASE | re.MULTILINE
)


@dataclass(frozen=True)
class Failure:
    """What a report says of one recipient."""

    addresses: frozenset[str]  # the one it was sent to, and the one it came to in the end
    action: str  # failed, delayed, delivered, relayed, expanded
    status: str  # 5.1.1; empty when none was given
    diagnostic: str

    @property
    def is_of_the_address(self) -> bool:
        """Whether the address itself is no good, so that nothing more should be sent to it."""
        is_final = self.action == "failed" and not self.status.startswith("4")
        return is_final and meaning_of(self.status, self.diagnostic) is Meaning.ADDRESS


@dataclass(frozen=True)
class DeliveryReport:
    """Who was not reached, and the names by which the report may say of which mail it is."""

    recipients: tuple[Failure, ...]
    message_ids: tuple[str, ...]


def read_report(raw: bytes) -> DeliveryReport | None:
    """The delivery report in a mail; None when it is none, or too odd to be read.

    Raises CostlyMail for one beyond the limits of an ordinary mail.
    """
    try:
        mail = message_from_bytes(raw[:_MOST_BYTES], policy=bounded_plain_policy())
        return _report(mail) or _report_of_another_kind(mail)
    except (CostlyMail, MemoryError):
        raise
    except Exception:  # the email package raises nearly everything on crafted mail
        return None


def _report(mail: Mail) -> DeliveryReport | None:
    """A report as RFC 3464 has it."""
    if mail.get_content_type() != "multipart/report":
        return None
    failures: list[Failure] = []
    names: list[str | None] = []
    for part in mail.walk():
        kind = part.get_content_type()
        if kind == "message/delivery-status":
            blocks = [block for block in part.get_payload() if isinstance(block, Mail)]
            failures += [failure for failure in map(_failure, blocks) if failure is not None]
            names += [_envelope_id(block) for block in blocks]
        elif kind in ("message/rfc822", "text/rfc822-headers"):
            names.append(_message_id(part))
    ids = tuple(dict.fromkeys(name for name in names if name and len(name) <= _LONGEST_NAME))
    return DeliveryReport(tuple(failures[:_MOST_RECIPIENTS]), ids[:_MOST_RECIPIENTS]) if failures else None


def _report_of_another_kind(mail: Mail) -> DeliveryReport | None:
    """A report in a server's own words; how grave it is, is told by the status among them."""
    delayed, failed = all_failures(mail)
    if not delayed and not failed:
        return None
    text = "\n".join(_texts(mail))[:_MOST_TEXT]
    own = _GIVEN_BACK.split(text, maxsplit=1)[0]
    code = _STATUS.search(own)
    status = code[0] if code else ""
    line = next((line for line in own.splitlines() if status and status in line), own)
    why = clean_line(line)[:_LONGEST_REASON]
    failures = [
        Failure(frozenset({address.decode("ascii", "replace").lower()}), action, status, why)
        for addresses, action in ((failed, "failed"), (delayed - failed, "delayed"))
        for address in sorted(addresses)
    ]
    ids = tuple(dict.fromkeys(_NAMED.findall(text)))[:10]
    return DeliveryReport(tuple(failures[:_MOST_RECIPIENTS]), ids)


def _texts(mail: Mail) -> Iterator[str]:
    for part in mail.walk():
        if part.get_content_maintype() == "text":
            content = part.get_payload(decode=True)
            if isinstance(content, bytes):
                yield content.decode("utf-8", "replace")
        elif part.get_content_type() == "message/rfc822" and (name := _message_id(part)):
            yield f"Message-ID: {name}"


def _envelope_id(block: Mail) -> str | None:
    """The Message-ID in the envelope id we gave, which is that without its brackets (RFC 3461, xtext)."""
    given = str(block.get("Original-Envelope-Id", "")).strip()
    plain = re.sub(r"\+([0-9A-F]{2})", lambda sign: chr(int(sign[1], 16)), given)
    return f"<{plain.strip('<>')}>" if plain else None


def _failure(block: Mail) -> Failure | None:
    addresses = {_recipient(block, name) for name in ("Final-Recipient", "Original-Recipient")} - {""}
    addresses = {address for address in addresses if len(address) <= _LONGEST_NAME}
    action = str(block.get("Action", "")).strip().lower()
    if not addresses or action not in ("failed", "delayed", "delivered", "relayed", "expanded"):
        return None
    status = _STATUS.search(str(block.get("Status", "")))
    return Failure(
        frozenset(addresses),
        action,
        status[0] if status else "",
        clean_line(_typed(block, "Diagnostic-Code").strip("<>"))[:_LONGEST_REASON],
    )


def _recipient(block: Mail, name: str) -> str:
    """The address of a recipient; what is none as it stands, so that it is like no address of ours."""
    value = _typed(block, name)
    return mailbox(value) or value.lower()


def _typed(block: Mail, name: str) -> str:
    """The value after its type: ``rfc822; a@b`` gives ``a@b``."""
    kind, semicolon, value = str(block.get(name, "")).partition(";")
    return (value if semicolon else kind).strip()[:_LONGEST_TYPED]


def _message_id(part: Mail) -> str | None:
    payload = part.get_payload()
    if isinstance(payload, list):
        original = payload[0]
    else:
        content = part.get_payload(decode=True)
        raw = content if isinstance(content, bytes) else b""
        original = message_from_bytes(raw, policy=bounded_plain_policy())
    return str(original.get("Message-ID", "")).strip() or None if isinstance(original, Mail) else None
