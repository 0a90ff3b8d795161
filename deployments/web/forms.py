"""What people type into a form, as what it means."""

from datetime import date, datetime

from reporting.errors import BadInput
from reporting.vietnamese.numbers import read_date


class FieldError(BadInput):
    """A refusal that is about one field of a form."""

    def __init__(self, name: str, sentence: str) -> None:
        super().__init__(sentence)
        self.name = name


def day_in(text: str, name: str) -> date | None:
    """A day as people or a browser write it; None for nothing. Raises FieldError for anything else."""
    if not text:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        day = read_date(text)
    if day is None:
        raise FieldError(name, f"'{text}' không phải là ngày: hãy ghi như 09/01/2024.")
    return day


def needed(text: str, name: str, what: str) -> str:
    """What may not be left empty. Raises FieldError when it is."""
    if not text:
        raise FieldError(name, f"{what} để trống.")
    return text


def number_in(text: str) -> int | None:
    """A number of ours (of a mail, a page) in an address or a form; None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else None
