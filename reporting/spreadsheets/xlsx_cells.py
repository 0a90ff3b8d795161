"""Cells of a .xlsx whose value the parser does not tell, whatever its parts and namespaces are called."""

import io
import re
from collections.abc import Iterator, Mapping
from xml.etree import ElementTree

from reporting.packages import Package
from reporting.spreadsheets.extent import column_number
from reporting.spreadsheets.number_formats import PERCENTS, shows_more
from reporting.spreadsheets.unread_cells import Remark

_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})", re.IGNORECASE)
_TEXTS = {"s", "str", "inlineStr"}  # may be empty and are told


def sheet_parts(package: Package) -> dict[str, str]:
    """The part of each sheet by the sheet's name. Raises ElementTree.ParseError, KeyError."""
    main = package.main()
    if main is None or not main.endswith(".xml"):
        return {}
    parts = dict(package.linked(main, "worksheet"))
    return {
        sheet.get("name") or "": parts[link]
        for sheet in _root(package, main).iterfind(".//{*}sheets/{*}sheet")
        for name, link in sheet.items()
        if name.endswith("}id") and parts.get(link) in package.entries
    }


def told_formats(package: Package) -> dict[int, str]:
    """The code of each style, by its number, whose numbers show more than themselves."""
    main = package.main()
    styles = [part for _, part in package.linked(main or "", "styles") if part in package.entries]
    if not styles or not styles[0].endswith(".xml"):
        return {}
    root = _root(package, styles[0])
    codes: dict[int, str] = dict(PERCENTS)
    for number_format in root.iterfind("./{*}numFmts/{*}numFmt"):
        codes[_whole(number_format.get("numFmtId"))] = number_format.get("formatCode") or ""
    used = enumerate(root.iterfind("./{*}cellXfs/{*}xf"))
    by_style = {style: codes.get(_whole(xf.get("numFmtId")), "") for style, xf in used}
    return {style: code for style, code in by_style.items() if code and shows_more(code)}


def is_never_calculated(package: Package) -> bool:
    """Whether its writer leaves the calculation to whoever opens it, with a nought for each result."""
    main = package.main()
    if main is None or not main.endswith(".xml"):
        return False
    settings = _root(package, main).find("./{*}calcPr")
    return settings is not None and settings.get("fullCalcOnLoad") in ("1", "true")


def remarks_of(content: bytes, formats: Mapping[int, str], *, is_calculated: bool) -> Iterator[Remark]:
    """The remarks on one sheet. Raises ElementTree.ParseError."""
    row = column = 0
    # Row by row: a large sheet as one tree takes hundreds of megabytes.
    for _, line in ElementTree.iterparse(io.BytesIO(content)):  # noqa: S314
        if not line.tag.endswith("}row") and line.tag != "row":
            continue
        row, column = _whole(line.get("r"), row + 1), 0
        for cell in line.iterfind("{*}c"):
            place = _REFERENCE.fullmatch(cell.get("r") or "")
            column = column_number(place[1]) if place else column + 1
            own_row = int(place[2]) if place else row
            if remark := _remark(cell, own_row - 1, column - 1, formats, is_calculated):
                yield remark
        line.clear()


def _remark(
    cell: ElementTree.Element, row: int, column: int, formats: Mapping[int, str], is_calculated: bool
) -> Remark | None:
    kind = cell.get("t") or "n"
    formula, value = cell.find("{*}f"), cell.find("{*}v")
    result = (value.text or "").strip() if value is not None else ""
    if formula is not None and kind != "e":
        is_blank_text = kind in _TEXTS and value is not None
        if (not result and not is_blank_text) or (result == "0" and kind == "n" and not is_calculated):
            return Remark(row, column, f"={formula.text or ''}", replaces=True)
    if kind in _TEXTS:
        return None
    if kind == "e":
        return Remark(row, column, result or "#N/A", replaces=True)
    code = formats.get(_whole(cell.get("s"), 0), "")
    return Remark(row, column, result, code) if result and (code or kind not in ("n", "b", "d")) else None


def _root(package: Package, part: str) -> ElementTree.Element:
    return ElementTree.fromstring(package.read(part))  # noqa: S314 - the guard refuses entities


def _whole(text: str | None, otherwise: int = -1) -> int:
    return int(text) if text and text.isdecimal() else otherwise
