"""How far the cells of a sheet reach, told from its tags before a parser makes room for them.

Tags count by their names without prefix, as the parser behind reads them; references written with
character entities count as what they stand for.
"""

import re
from xml.parsers import expat

MOST_CELLS = 2_000_000  # rows times columns, up to the farthest cell

_REFERENCE = re.compile(r"([A-Za-z]{1,4})([0-9]{1,9})")
_TOLD = {None, "n", "s", "str", "inlineStr", "b", "d"}  # the kinds of cells that the parser tells
_ODS_CELLS = {"table-cell", "covered-table-cell"}
# Record types of .xlsb (MS-XLSB 2.3): a row's head, then its cells, each beginning with its place.
_BINARY_SHEET = b"\x81\x01\x00"  # BrtBeginSheet, empty
_ROW, _CELLS = 0, range(1, 12)


class TooFar(Exception):
    """A cell lies so far out, or there are so many, that reading the sheet would take too much room."""


class NotPlain(Exception):
    """The part declares a document type or entities of its own."""


class Extent:
    """Counts through one part of a workbook, .xlsx or .ods."""

    def __init__(self) -> None:
        self.has_untold = (
            False  # a cell has a value of another kind, or a formula whose result may be missing
        )
        self._type: str | None = None
        self._row = self._column = 0
        self._last_row = self._last_column = 0
        self._in_cell = False

    def measure(self, content: bytes) -> None:
        """Raises TooFar or NotPlain, ExpatError for broken markup, ValueError for nonsense in it."""
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._open
        if b"table-cell" in content or b"t\0a\0b\0l\0e\0-\0c" in content:  # .ods, also as UTF-16
            parser.EndElementHandler = self._close
        parser.StartDoctypeDeclHandler = self._refuse
        parser.Parse(content, True)

    def _refuse(self, *_: object) -> None:
        raise NotPlain

    def _open(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        if name == "row":
            self._row, self._column = _whole(attributes.get("r"), self._row + 1), 0
        elif name == "c":
            self._type = attributes.get("t")
            self.has_untold |= self._type not in _TOLD
            self._open_cell(attributes.get("r"))
        elif name == "f":
            self.has_untold = True
        elif name in _ODS_CELLS:
            self._open_ods_cell(attributes)
        elif name == "table-row":
            self._row, self._column = self._row + _repeated(attributes, "rows"), 0
        elif name == "table":
            self._row = self._column = self._last_row = self._last_column = 0
        elif self._in_cell:
            self._reach(self._row, self._column)

    def _close(self, tag: str) -> None:
        if tag.rpartition(":")[2] in _ODS_CELLS:
            self._in_cell = False

    def _open_cell(self, reference: str | None) -> None:
        match = _REFERENCE.fullmatch(reference.strip()) if reference else None
        if match is None:
            self._column += 1
            self._reach(self._row, self._column)
        else:
            self._column = column_number(match[1])
            self._reach(int(match[2]), self._column)

    def _open_ods_cell(self, attributes: dict[str, str]) -> None:
        self._column += _repeated(attributes, "columns")
        self._in_cell = True
        if any(name.endswith((":value-type", ":formula")) for name in attributes):
            self._reach(self._row, self._column)

    def _reach(self, row: int, column: int) -> None:
        self._last_row, self._last_column = max(self._last_row, row), max(self._last_column, column)
        if self._last_row * self._last_column > MOST_CELLS:
            raise TooFar


def is_binary_sheet(content: bytes) -> bool:
    """Whether a part is a sheet of a .xlsb."""
    return content.startswith(_BINARY_SHEET)


def measure_binary(content: bytes) -> None:
    """Raises TooFar for a sheet of a .xlsb; one that is cut off is left to the parser."""
    row = last_row = last_column = at = 0
    while at < len(content):
        kind, at = variable_number(content, at, 2)
        size, at = variable_number(content, at, 4)
        if kind == _ROW:
            row = int.from_bytes(content[at : at + 4], "little") + 1
        elif kind in _CELLS:
            last_row = max(last_row, row)
            last_column = max(last_column, int.from_bytes(content[at : at + 4], "little") + 1)
            if last_row * last_column > MOST_CELLS:
                raise TooFar
        at += size


def variable_number(content: bytes, at: int, longest: int) -> tuple[int, int]:
    """A number of up to ``longest`` bytes of seven bits, and where it ends."""
    number = shift = 0
    for byte in content[at : at + longest]:
        at += 1
        number |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            break
    return number, at


def _whole(text: str | None, otherwise: int) -> int:
    return otherwise if text is None else int(text)


def _repeated(attributes: dict[str, str], what: str) -> int:
    texts = [text for name, text in attributes.items() if name.endswith(f":number-{what}-repeated")]
    return max((int(text) for text in texts), default=1)


def column_number(letters: str) -> int:
    """The number of a column, from 1."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


def column_letters(at: int) -> str:
    """The letters of a column, from 0."""
    letters = ""
    at += 1
    while at:
        at, rest = divmod(at - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
