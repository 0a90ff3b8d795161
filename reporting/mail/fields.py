"""The fields of a mail that anybody may have written, read whatever is in them."""

from collections.abc import Callable
from email.header import decode_header, make_header
from email.message import EmailMessage
from typing import Any, TypeVar

from reporting.mail.limits import CostlyMail, names_only_text_codecs
from reporting.vietnamese.text import nfc

T = TypeVar("T")


def quietly(read: Callable[[], T], otherwise: T) -> T:
    """What ``read`` gives; ``otherwise`` when the mail is so odd that the email package gives up."""
    try:
        return read()
    except (CostlyMail, MemoryError):
        raise
    except Exception:  # it raises nearly everything on crafted headers: Index-, Type-, Attribute-, ValueError
        return otherwise


def value_of(message: EmailMessage, name: str) -> str:
    """The first value of a field, decoded; empty where there is none."""
    return next(iter(values_of(message, name)), "")


def values_of(message: EmailMessage, name: str) -> list[str]:
    """The values of a header, decoded; taken as they stand where they cannot be."""
    values = raw_values_of(message, name)
    return [_decoded_header(value) if names_only_text_codecs(value) else nfc(value) for value in values]


def raw_values_of(message: EmailMessage, name: str) -> list[str]:
    """The values of a header as they came, folded and encoded."""
    items = quietly(lambda: list(message.raw_items()), list[tuple[str, Any]]())
    return [str(value) for key, value in items if key.lower() == name.lower()]


def _decoded_header(raw: str) -> str:
    # Not through the structured header classes: they are what breaks on odd mail.
    text = raw.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return nfc(quietly(lambda: str(make_header(decode_header(text))), text))
