"""Strings that make a pattern work as hard as its shape lets them: made from the pattern itself.

Whatever a pattern repeats is repeated very often, behind what it asks for before that, and ended by
something that it does not take. Run as a program, it tries every pattern of the code (see
``tests/reporting/test_patterns.py``).
"""

import ast
import importlib
import pkgutil
import re
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

import reporting

SHORT, LONG = 500, 2000  # characters: four times as many may take some four times as long
_MOST = 0.5  # seconds
_NOTHING = 0.002  # seconds in which no pattern has shown anything yet
_FILLS = ("a", "0", " ", "\n", "-", ".", "ă", "A", "/", "[", "=", "@", "<")
_ENDS = ("", "\x01", "!", "\n\x01", "x")
_REPEATS = (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT)
_OFTEN = 8  # what may be repeated more often than this is an attacker's


def patterns() -> dict[str, re.Pattern[str]]:
    """Every pattern of the code by a name: those kept by modules, and those written where they are used."""
    found: dict[str, re.Pattern[str]] = {}
    for info in pkgutil.walk_packages(reporting.__path__, "reporting."):
        if ".migrations" in info.name:
            continue
        module = importlib.import_module(info.name)
        for name, value in vars(module).items():
            for at, each in enumerate(value if isinstance(value, tuple) else (value,)):
                if isinstance(each, re.Pattern):
                    found[f"{info.name}.{name}.{at}"] = _as_text(each.pattern, each.flags)
        for line, text in _written(Path(module.__file__ or "")):
            found[f"{info.name}:{line}"] = _as_text(text, 0)
    return found


def _as_text(pattern: str | bytes, flags: int) -> re.Pattern[str]:
    if isinstance(pattern, bytes):
        return re.compile(pattern.decode("latin-1"), flags & ~re.UNICODE)
    return re.compile(pattern, flags)


def _written(file: Path) -> Iterator[tuple[int, str]]:
    """The patterns in calls such as ``re.sub("…", …)``."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            is_re = isinstance(node.func.value, ast.Name) and node.func.value.id == "re"
            first = node.args[0]
            if is_re and isinstance(first, ast.Constant) and isinstance(first.value, str | bytes):
                text = first.value if isinstance(first.value, str) else first.value.decode("latin-1")
                yield node.lineno, f"^(?:{text})" if node.func.attr in ("match", "fullmatch") else text


def attacks(pattern: re.Pattern[str], size: int) -> Iterator[str]:
    """Strings of about that many characters."""
    tree = parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG)
    for fill in _FILLS:
        for before, bodies in _repeated(tree, fill, ""):
            for body in bodies:
                for end in _ENDS:
                    yield before + body * (size // max(len(body), 1)) + end
        whole = _sample(tree, fill)
        if whole:  # one beginning after the other
            yield whole * (size // len(whole))
            yield whole[:-1] * (size // max(len(whole) - 1, 1))
        yield fill * size


def _repeated(nodes: Any, fill: str, before: str) -> Iterator[tuple[str, list[str]]]:
    """What stands before each repetition, and what may be repeated in it."""
    for kind, given in nodes:
        if kind in _REPEATS:
            _, most, inner = given
            if most == op.MAXREPEAT or most > _OFTEN:
                yield before, [each for each in _samples(inner, fill) if each]
            yield from _repeated(inner, fill, before)
        elif kind is op.SUBPATTERN:
            yield from _repeated(given[-1], fill, before)
        elif kind is op.ATOMIC_GROUP:
            yield from _repeated(given, fill, before)
        elif kind is op.BRANCH:
            for branch in given[1]:
                yield from _repeated(branch, fill, before)
        elif kind in (op.ASSERT, op.ASSERT_NOT):
            yield from _repeated(given[1], fill, before)
        before += _one(kind, given, fill)


def _samples(nodes: Any, fill: str) -> list[str]:
    """A text that the nodes take, by each way that a choice among them has."""
    texts = [""]
    for kind, given in nodes:
        texts = [text + each for text in texts[:20] for each in _ways(kind, given, fill)]
    return texts


def _ways(kind: Any, given: Any, fill: str) -> list[str]:
    if kind is op.BRANCH:
        return [each for branch in given[1] for each in _samples(branch, fill)]
    if kind is op.SUBPATTERN:
        return _samples(given[-1], fill)
    if kind in _REPEATS:
        least, most, inner = given
        body = _sample(inner, fill)
        return list(dict.fromkeys([body * least, body * max(least, 1) if most else ""]))
    return [_one(kind, given, fill)]


def _sample(nodes: Any, fill: str) -> str:
    return "".join(_one(kind, given, fill) for kind, given in nodes)


def _one(kind: Any, given: Any, fill: str) -> str:
    """A text that one node takes; of a set ``fill`` where that is in it."""
    if kind is op.LITERAL:
        return chr(int(given))
    if kind is op.SUBPATTERN:
        return _sample(given[-1], fill)
    if kind is op.ATOMIC_GROUP:
        return _sample(given, fill)
    if kind is op.BRANCH:
        return _sample(given[1][0], fill)
    if kind in _REPEATS:
        return _sample(given[2], fill) * max(int(given[0]), min(int(given[1]), 1))
    if kind in (op.IN, op.ANY, op.NOT_LITERAL, op.CATEGORY):
        return _of_set(kind, given, fill)
    return ""


def _of_set(kind: Any, given: Any, fill: str) -> str:
    if kind is op.ANY:
        return fill
    one = _set(kind, given)
    others = (chr(code) for code in range(1, 0x250))
    return next((char for char in (fill, *others) if one(char)), "")


def _set(kind: Any, given: Any) -> Any:
    items = given if kind is op.IN else [(kind, given)]
    negated = any(name is op.NEGATE for name, _ in items) or kind is op.NOT_LITERAL

    def holds(char: str) -> bool:
        return any(_holds(name, value, char) for name, value in items) is not negated

    return holds


_CATEGORIES = {
    op.CATEGORY_DIGIT: r"\d",
    op.CATEGORY_NOT_DIGIT: r"\D",
    op.CATEGORY_SPACE: r"\s",
    op.CATEGORY_NOT_SPACE: r"\S",
    op.CATEGORY_WORD: r"\w",
    op.CATEGORY_NOT_WORD: r"\W",
}


def _holds(name: Any, value: Any, char: str) -> bool:
    if name in (op.LITERAL, op.NOT_LITERAL):
        return ord(char) == int(value)
    if name is op.RANGE:
        return bool(value[0] <= ord(char) <= value[1])
    if name is op.CATEGORY:
        return re.match(_CATEGORIES[value], char) is not None
    return False


class _TooLong(Exception):
    pass


def _stop(_signal: int, _frame: object) -> None:
    raise _TooLong


def _seconds(pattern: re.Pattern[str], text: str) -> float:
    """Processor seconds of looking for a pattern anywhere in a text; no more than ``_MOST``."""
    begun = time.process_time()
    try:
        signal.setitimer(signal.ITIMER_PROF, _MOST)
        try:
            for _ in pattern.finditer(text):
                pass
        finally:  # an older Python hears of the signal only here
            signal.setitimer(signal.ITIMER_PROF, 0)
    except _TooLong:
        return _MOST
    return time.process_time() - begun


def grows(pattern: re.Pattern[str]) -> str | None:
    """The beginning of a text on which a pattern works more than its length asks for, if there is one."""
    seen = set()
    for short, long in zip(attacks(pattern, SHORT), attacks(pattern, LONG), strict=True):
        once = 0.0 if long in seen else _seconds(pattern, long)
        if once < _NOTHING:
            seen.add(long)
            continue
        if once >= _MOST:  # no clock errs by so much: it is not asked again
            return f"{once:.4f} {long[:40]!r}"
        few = many = 0.0
        for tries in (3, 15):  # a busy machine may spoil a few in a row
            few = min(_seconds(pattern, short) for _ in range(tries))
            many = min(_seconds(pattern, long) for _ in range(tries))
            if many < _NOTHING or many <= 2 * few * LONG / SHORT:
                break
        else:
            return f"{few:.4f} {many:.4f} {long[:40]!r}"
    return None


def main() -> None:
    """A line for each pattern, of the code or those given: its name, and a text that is too much for it."""
    signal.signal(signal.SIGPROF, _stop)
    given = {text: re.compile(text) for text in sys.argv[1:]}
    for name, pattern in (given or patterns()).items():
        sys.stdout.write(f"{name}\t{grows(pattern) or ''}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
