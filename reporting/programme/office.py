"""What an office sets over a shipped programme, field by field, in files of its own.

The shipped folder stays as it came, so that an upgrade meets no local edit. A file of the same name in the
office's folder holds only the fields that differ.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from reporting.programme.mistakes import Mistake, shown
from reporting.programme.sources import Loc, Mistakes, YamlFile, read_yaml

# Indicators are not among them: what is counted is the programme's, not an office's.
FILES = ("programme.yaml", "agencies.yaml", "calendar.yaml")
_FIXED = ("id",)  # homes, schedules and mailboxes know a programme by it
_KEYS = {"agencies": ("role", "valid_from")}  # what says which entry of a list is meant


@dataclass(frozen=True)
class Override:
    """One field that the office set. ``shipped`` is None where the programme had no such field."""

    field: str
    shipped: Any
    office: Any
    file: str
    line: int | None

    def __str__(self) -> str:
        before = "chưa có" if self.shipped is None else f"'{_words(self.shipped)}'"
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{self.field}: '{_words(self.office)}' thay cho {before} ({place})"


def _words(value: Any) -> str:
    """A value as it stands in a file, on one line."""
    if not isinstance(value, (dict, list)):
        return str(value)
    text = yaml.safe_dump(
        value, allow_unicode=True, default_flow_style=True, sort_keys=False, width=1_000_000
    )
    return text.strip()


def layered(shipped: YamlFile, own: Path, mistakes: Mistakes, overrides: list[Override]) -> YamlFile:
    """The shipped file with the fields of ``own`` laid over it; as it is where ``own`` does not exist."""
    if not shipped.content or not own.is_file():
        return shipped
    layer = read_yaml(own, mistakes)
    merging = _Merging(shipped, layer, mistakes, overrides)
    return YamlFile(shipped.path, merging.mapping(shipped.content, layer.content, (), ()), merging.lines)


def strange_files(folder: Path) -> Iterator[Mistake]:
    """What lies in an office's folder and would set nothing."""
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.name not in FILES and not path.name.startswith("."):
            yield Mistake(shown(path), None, f"không có tác dụng; chỉ thay được {', '.join(FILES)}")


@dataclass
class _Merging:
    shipped: YamlFile
    layer: YamlFile
    mistakes: Mistakes
    overrides: list[Override]

    def __post_init__(self) -> None:
        self.lines: dict[Loc, int | tuple[Path, int]] = dict(self.shipped.lines)

    def mapping(self, base: Mapping[str, Any], own: Mapping[str, Any], loc: Loc, at: Loc) -> dict[str, Any]:
        """``loc`` is the place in the whole, ``at`` the place in the office's file."""
        whole = dict(base)
        for name, value in own.items():
            before = base.get(name)
            if not loc and name in _FIXED:
                self._wrong(f"không thay được mục '{name}'", (name,))
            elif isinstance(before, dict) and isinstance(value, dict):
                whole[name] = self.mapping(before, value, (*loc, name), (*at, name))
            elif name in _KEYS and isinstance(before, list) and isinstance(value, list):
                whole[name] = self._entries(name, before, value)
            else:
                whole[name] = value
                self._note((*loc, name), (*at, name), before, value)
        return whole

    def _entries(self, name: str, base: list[Any], own: list[Any]) -> list[Any]:
        whole = list(base)
        for at, entry in enumerate(own):
            if not isinstance(entry, dict):
                self._wrong(f"mục trong '{name}' phải có {', '.join(_KEYS[name])}", (name, at))
                continue
            keys = {key: entry.get(key) for key in _KEYS[name]}
            same = [i for i, item in enumerate(base) if all(item.get(k) == v for k, v in keys.items())]
            if len(same) != 1:
                wanted = ", ".join(f"{key} {value}" for key, value in keys.items())
                self._wrong(f"chương trình không có đúng một mục {wanted} trong '{name}'", (name, at))
                continue
            index = same[0]
            fields = {key: value for key, value in entry.items() if key not in keys}
            whole[index] = self.mapping(whole[index], fields, (name, index), (name, at))
        return whole

    def _note(self, loc: Loc, at: Loc, before: Any, value: Any) -> None:
        line = self.layer.line(at)
        if line is not None:
            deeper = [place for place in self.lines if place[: len(loc)] == loc]
            for place in deeper:  # lines of what stood there before
                del self.lines[place]
            self.lines[loc] = (self.layer.path, line)
        if value != before:
            name = ".".join(str(part) for part in loc)
            self.overrides.append(Override(name, before, value, shown(self.layer.path), line))

    def _wrong(self, text: str, at: Loc) -> None:
        self.mistakes.append(self.layer.mistake(text, *at))
