"""The words of an HTML part as a person reads them: lines, no marks, what is quoted behind ">".

No pattern here can run away on a crafted text: each stops at the next "<", and what has no end is kept.
"""

import html
import re
from collections.abc import Iterator

from reporting.mail.fields import quietly

_TAG = re.compile(r"<[^<>]*>")
_BLOCK = re.compile(
    r"</?(?:br|hr|p|div|table|tr|li|ul|ol|dl|dt|dd|h[1-6]|pre|blockquote|section|article|header|footer|center"
    r"|title|body)\b[^<>]*>",
    re.IGNORECASE,
)
_CELL = re.compile(r"</t[dh]\b[^<>]*>", re.IGNORECASE)
_UNSEEN = (
    (re.compile(r"<!--"), re.compile(r"-->")),
    (re.compile(r"<script\b", re.IGNORECASE), re.compile(r"</script\b[^<>]*>", re.IGNORECASE)),
    (re.compile(r"<style\b", re.IGNORECASE), re.compile(r"</style\b[^<>]*>", re.IGNORECASE)),
)
# Programs mark what they quote; a blockquote alone is also what "indent" makes of one's own words.
_BLOCKQUOTE = re.compile(r"<blockquote\b([^<>]*)>", re.IGNORECASE)
_OF_A_QUOTE = re.compile(r"\bcite\b|quote", re.IGNORECASE)
_QUOTE_ENDS = re.compile(r"</blockquote\b[^<>]*>", re.IGNORECASE)
_BEGIN, _PLAIN_BEGIN, _END = "\x02", "\x04", "\x03"
_MARKS = re.compile("[\x02-\x04]")
_NO_MARKS = str.maketrans("", "", _BEGIN + _PLAIN_BEGIN + _END + "\0")


def words_of(page: str) -> str:
    """The text of a page without empty lines."""
    page = page.translate(_NO_MARKS)
    for begin, end in _UNSEEN:
        page = "".join(_outside(page, begin, end))
    page = page.replace("\n", " ").replace("\r", " ")
    page = _QUOTE_ENDS.sub(f"\n{_END}", _BLOCKQUOTE.sub(_quote_begins, page))
    plain = _TAG.sub("", _CELL.sub(" ", _BLOCK.sub("\n", page)))
    plain = quietly(lambda: html.unescape(plain), plain)  # it turns any number of digits into a number
    return "\n".join(_lines(plain))


def _quote_begins(tag: re.Match[str]) -> str:
    return f"\n{_BEGIN}" if _OF_A_QUOTE.search(tag[1]) else f"\n{_PLAIN_BEGIN}"


def _outside(page: str, begin: re.Pattern[str], end: re.Pattern[str]) -> Iterator[str]:
    """What stands outside of what begins and ends so; all of the rest where an end is missing."""
    at = 0
    while (first := begin.search(page, at)) and (last := end.search(page, first.end() - 2)):
        yield page[at : first.start()]
        at = last.end()
    yield page[at:]


def _lines(plain: str) -> Iterator[str]:
    """The lines; those within a quotation, whatever else is indented there, behind ">"."""
    open_ones: list[str] = []
    quoted = 0
    for line in plain.split("\n"):
        for mark in _MARKS.findall(line):
            if mark != _END:
                open_ones.append(mark)
                quoted += mark == _BEGIN
            elif open_ones:
                quoted -= open_ones.pop() == _BEGIN
        words = line.translate(_NO_MARKS).strip()
        if words:
            yield f"> {words}" if quoted else words
