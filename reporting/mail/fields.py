"""The fields of a mail that anybody may have written, read whatever is in them."""

from collections.abc import Callable, Iterator
from email.header import decode_header
from email.message import EmailMessage
from typing import Any, TypeVar

from reporting.mail.charsets import decoded
from reporting.mail.limits import CostlyMail
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
    return [_decoded_header(value) for value in raw_values_of(message, name)]


def raw_values_of(message: EmailMessage, name: str) -> list[str]:
    """The values of a header as they came, folded and encoded."""
    items = quietly(lambda: list(message.raw_items()), list[tuple[str, Any]]())
    return [str(value) for key, value in items if key.lower() == name.lower()]


def _decoded_header(raw: str) -> str:
    # Not through the structured header classes: they are what breaks on odd mail.
    text = decoded(raw.encode("utf-8", "surrogateescape"), None)[0]
    return nfc(quietly(lambda: "".join(_words_of(text)), text))


def _words_of(text: str) -> Iterator[str]:
    """The pieces of a header; encoded words beside each other came out of one text and are read as one."""
    unfolded = "".join(text.splitlines())  # else it takes the blank before a word for part of the fold
    for piece, charset in decode_header(unfolded):
        if isinstance(piece, str):
            yield piece
        elif charset is None:
            yield piece.decode("raw-unicode-escape", "replace")
        else:
            yield decoded(piece, charset)[0]
