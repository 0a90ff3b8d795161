"""Reading YAML and CSV so that every value still knows the line it came from."""

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from reporting.programme.mistakes import Mistake, shown
from reporting.vietnamese.text import nfc

_DEEPEST = 20  # only an anchor that holds itself goes deeper
Loc = tuple[int | str, ...]
Mistakes = list[Mistake]
Model = TypeVar("Model", bound=BaseModel)

_WORDS = {
    "missing": "thiếu mục '{name}'",
    "extra_forbidden": "mục '{name}' không có trong mẫu",
    "literal_error": "'{input}' không dùng được ở '{name}'; chọn một trong: {expected}",
    "enum": "'{input}' không dùng được ở '{name}'; chọn một trong: {expected}",
    "date_from_datetime_parsing": "'{input}' ở '{name}' không phải là ngày dạng 2023-12-31",
    "date_parsing": "'{input}' ở '{name}' không phải là ngày dạng 2023-12-31",
    "int_parsing": "'{input}' ở '{name}' không phải là số nguyên",
    "too_short": "mục '{name}' còn trống",
}


@dataclass
class YamlFile:
    """The content of a YAML file and the line of each place in it.

    A place that another file was laid over (``reporting.programme.office``) has that file with its line.
    """

    path: Path
    content: dict[str, Any]
    lines: dict[Loc, int | tuple[Path, int]] = field(default_factory=dict)

    def _place(self, loc: Loc) -> tuple[Path, int | None]:
        for end in range(len(loc), -1, -1):
            if (place := self.lines.get(loc[:end])) is not None:
                return place if isinstance(place, tuple) else (self.path, place)
        return self.path, None

    def line(self, loc: Loc) -> int | None:
        """The line of ``loc``, or of the nearest place around it."""
        return self._place(loc)[1]

    def mistake(self, text: str, *loc: int | str) -> Mistake:
        path, line = self._place(loc)
        return Mistake(shown(path), line, text)


def read_yaml(path: Path, mistakes: Mistakes) -> YamlFile:
    """The file as a mapping, empty when it is missing or broken: then ``mistakes`` says so."""
    text = _text(path, mistakes)
    if text is None:
        return YamlFile(path, {})
    loader = yaml.CSafeLoader(text)  # ten times as fast as the one in Python
    node: yaml.Node | None = None
    try:
        node = loader.get_single_node()
        content = loader.construct_document(node) if node is not None else None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark is not None else None
        mistakes.append(Mistake(shown(path), line, f"không đúng cú pháp YAML ({error.problem})"))
        return YamlFile(path, {})
    except (yaml.YAMLError, ValueError, TypeError) as error:  # an impossible date, an unhashable key
        wrong = f"không đọc được nội dung YAML ({error})"
        mistakes.append(Mistake(shown(path), _unreadable_line(node), wrong))
        return YamlFile(path, {})
    finally:
        loader.dispose()
    if node is None or not isinstance(content, dict):
        mistakes.append(Mistake(shown(path), 1, "tệp trống hoặc không phải là danh mục các mục"))
        return YamlFile(path, {})
    file = YamlFile(path, content)
    _note_lines(file, node, (), mistakes)
    return file


def _unreadable_line(node: yaml.Node | None) -> int | None:
    """The line of the first value below ``node`` that has no meaning, such as 2025-13-31."""
    if isinstance(node, yaml.ScalarNode):
        try:
            yaml.SafeLoader("").construct_object(node)
        except (yaml.YAMLError, ValueError):
            return node.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode):
        children = list(node.value)
    elif isinstance(node, yaml.MappingNode):
        children = [part for pair in node.value for part in pair]
    else:
        return None
    lines = (_unreadable_line(child) for child in children)
    return next((line for line in lines if line is not None), None)


def _note_lines(file: YamlFile, node: yaml.Node, loc: Loc, mistakes: Mistakes) -> None:
    if len(loc) > _DEEPEST:
        return
    file.lines.setdefault(loc, node.start_mark.line + 1)
    if isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            _note_lines(file, item, (*loc, index), mistakes)
    elif isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            name: int | str = int(key.value) if key.value.isdecimal() else key.value
            line = key.start_mark.line + 1
            if key.value in seen:
                mistakes.append(Mistake(shown(file.path), line, f"mục '{key.value}' ghi hai lần"))
            seen.add(key.value)
            file.lines[(*loc, name)] = line
            _note_lines(file, value, (*loc, name), mistakes)


@dataclass(frozen=True)
class Row:
    """One row of a CSV file: the cells that are not empty."""

    path: Path
    line: int
    cells: Mapping[str, str]

    def mistake(self, text: str) -> Mistake:
        return Mistake(shown(self.path), self.line, text)

    def several(self, column: str) -> list[str]:
        """The cell's parts, separated by semicolons."""
        return [part.strip() for part in self.cells.get(column, "").split(";") if part.strip()]


# What was made of each row of a file, beside the row.
Rows = Sequence[tuple[Row, Model]]


def read_csv(path: Path, columns: Sequence[str], mistakes: Mistakes) -> list[Row]:
    """The rows of a file that has exactly those columns; what is wrong goes to ``mistakes``."""
    text = _text(path, mistakes)
    if text is None:
        return []
    reader = csv.reader(text.splitlines(keepends=True), strict=True)
    rows: list[Row] = []
    try:
        header = [name.strip() for name in next(reader, [])]
        if sorted(header) != sorted(columns):
            mistakes.append(Mistake(shown(path), 1, _wrong_header(header, columns)))
            return []
        line = reader.line_num + 1
        for cells in reader:
            if len(cells) > len(header):
                wrong = f"dòng có {len(cells)} ô, tiêu đề có {len(header)}"
                mistakes.append(Mistake(shown(path), line, wrong))
            elif any(cell.strip() for cell in cells):
                pairs = zip(header, (cell.strip() for cell in cells), strict=False)
                rows.append(Row(path, line, {name: cell for name, cell in pairs if cell}))
            line = reader.line_num + 1
    except csv.Error as error:
        mistakes.append(Mistake(shown(path), reader.line_num, f"không đúng dạng CSV ({error})"))
    return rows


def _wrong_header(header: Sequence[str], columns: Sequence[str]) -> str:
    parts = []
    if missing := [name for name in columns if name not in header]:
        parts.append(f"thiếu cột {', '.join(missing)}")
    if extra := [name for name in header if name not in columns]:
        parts.append(f"cột lạ {', '.join(extra)}")
    return "; ".join(parts) or "có cột ghi hai lần"


def check_twice(items: Iterable[tuple[Row, str]], what: str, mistakes: Mistakes) -> None:
    """Each key stands in one row; ``what`` is the Vietnamese word for such a thing."""
    seen: dict[str, int] = {}
    for row, key in items:
        if key in seen:
            mistakes.append(row.mistake(f"{what} '{key}' đã có ở dòng {seen[key]}"))
        seen.setdefault(key, row.line)


def _text(path: Path, mistakes: Mistakes) -> str | None:
    try:
        return nfc(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        mistakes.append(Mistake(shown(path), None, "không có tệp này"))
    except UnicodeDecodeError:
        mistakes.append(Mistake(shown(path), None, "không phải bảng mã UTF-8; hãy lưu lại dưới dạng UTF-8"))
    except OSError as error:
        mistakes.append(Mistake(shown(path), None, f"không đọc được ({error.strerror})"))
    return None


def made(
    model: type[Model], content: Mapping[str, Any], mistake: Callable[[str, Loc], Mistake], mistakes: Mistakes
) -> Model | None:
    """``content`` as a ``model``; None when it does not fit: then each reason goes to ``mistakes``."""
    try:
        return model.model_validate(content)
    except ValidationError as error:
        for problem in error.errors(include_url=False):
            mistakes.append(mistake(in_words(dict(problem)), problem["loc"]))
    return None


def in_words(problem: Mapping[str, Any]) -> str:
    """One of pydantic's problems, for whoever wrote the file."""
    name = ".".join(str(part) for part in problem["loc"])
    words = _WORDS.get(problem["type"], "'{input}' không dùng được ở '{name}' ({msg})")
    expected = problem.get("ctx", {}).get("expected", "")
    return words.format(name=name, input=problem["input"], expected=expected, msg=problem["msg"])
