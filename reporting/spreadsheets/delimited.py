"""A form saved as text: values between semicolons, commas or tabs, in the encodings office programs write."""

import codecs
import csv
import io
import re

from reporting.spreadsheets.extent import MOST_CELLS, TooFar
from reporting.vietnamese.text import nfc

_SEPARATORS = ";\t,"
_ENGLISH_FRACTION = re.compile(r"-?[0-9]{1,30}\.[0-9]{1,30}")


class NotText(Exception):
    """The bytes are no text, or none that can be split into rows."""


def read_delimited(content: bytes) -> list[list[object]]:
    """The rows of a text file; every cell is text, but for numbers whose point is certain.

    A program that separates by commas writes decimals with a dot: "489.457" is then a fraction,
    as it would be in its workbook, and never 489 457. Raises NotText or TooFar.
    """
    text = _decoded(content)
    separator = _separator(text)
    rows: list[list[object]] = []
    cells = 0
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
            cells += len(row)
            if cells > MOST_CELLS:
                raise TooFar
            rows.append([_value(cell, separator) for cell in row])
    except csv.Error as error:
        raise NotText from error
    return rows


def _decoded(content: bytes) -> str:
    """UTF-8 or UTF-16 by their mark, UTF-8 without one, else the older Vietnamese encoding of Windows."""
    marked = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "cp1258"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return nfc(text)
    raise NotText


def _separator(text: str) -> str:
    """The one that most lines hold: a sentence may hold commas, but few lines do."""
    lines = text.splitlines()[:200]
    return max(_SEPARATORS, key=lambda mark: sum(mark in line for line in lines))


def _value(cell: str, separator: str) -> object:
    if separator == "," and _ENGLISH_FRACTION.fullmatch(cell.strip()):
        return float(cell)
    return cell
