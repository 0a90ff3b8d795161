"""A workbook's parts under the names that its parser knows by heart.

The parser finds sheets by their links, texts and styles by their usual names; styles that it does not
find make dates into numbers without a word. So each workbook is handed to it in one order, whatever
program wrote it; what is not in it (pictures, charts, macros) is not read anyway.
"""

import io
import posixpath
import re
import zipfile
from xml.sax.saxutils import quoteattr

from reporting.packages import Package

_KIND = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_LINKS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'
)
_SHEETS = ("worksheet", "chartsheet", "dialogsheet", "xlMacrosheet")
# The parser gives up a whole workbook for one error that is newer than itself (#SPILL!, #GETTING_DATA).
_ERROR_CELL = re.compile(rb"""(<(?:\w+:)?c\s(?:[^<>]*\s)?t=)(?:"e"|'e')""")
_BY_HEART = ("sharedStrings", "styles")


def under_usual_names(package: Package) -> bytes | None:
    """What the parser reads of a workbook, as a package of its own; None where there is no workbook."""
    main = package.main()
    if main is None:  # .ods
        return None
    ending = posixpath.splitext(main)[1]
    parts = {f"xl/workbook{ending}": main}
    links = []
    for kind in (*_SHEETS, *_BY_HEART):
        for number, (link, part) in enumerate(package.linked(main, kind), 1):
            name = f"{kind}{ending}" if kind in _BY_HEART else f"{kind}s/sheet{number}{ending}"
            if part in package.entries and f"xl/{name}" not in parts:
                parts[f"xl/{name}"] = part
                links.append(_link(link, kind, name))
    for kind in _BY_HEART:  # also without a link
        if (part := f"xl/{kind}{ending}".lower()) in package.entries:
            parts.setdefault(f"xl/{kind}{ending}", part)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(
            "_rels/.rels", _LINKS.format(_link("rId1", "officeDocument", f"xl/workbook{ending}"))
        )
        archive.writestr(f"xl/_rels/workbook{ending}.rels", _LINKS.format("".join(links)))
        for name, part in parts.items():
            content = package.read(part)
            archive.writestr(name, _ERROR_CELL.sub(rb'\1"str"', content) if "/sheet" in name else content)
    return buffer.getvalue()


def _link(link: str, kind: str, target: str) -> str:
    return f'<Relationship Id={quoteattr(link)} Type="{_KIND}/{kind}" Target="{target}"/>'
