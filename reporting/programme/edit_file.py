"""``edits.yaml`` read: each entry as its family says, every mistake with its line."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from reporting.programme.edits import FAMILIES, Edit
from reporting.programme.edits.base import BaseEdit
from reporting.programme.model import Indicator
from reporting.programme.sources import Mistakes, YamlFile, in_words, made

_BY_NAME = {family.family_name(): family for family in FAMILIES}
_EVERY_FIELD = {name for family in FAMILIES for name in family.model_fields}
_NUMBERS = {"minimum", "maximum", "tolerance"}


class _Edits(BaseModel):
    model_config = ConfigDict(extra="forbid")

    edits: list[dict[str, Any]]


def read_edits(file: YamlFile, mistakes: Mistakes, notices: Mistakes) -> dict[int, Edit] | None:
    """The edits by their place in the file, without those that do not fit; None for none at all.

    ``notices``: what stands there to no effect.
    """
    if not file.content:
        return None  # reading it has said why
    entries = made(_Edits, file.content, lambda text, loc: file.mistake(text, *loc), mistakes)
    if entries is None:
        return None
    edits = {index: _read(file, index, entry, mistakes, notices) for index, entry in enumerate(entries.edits)}
    return {index: edit for index, edit in edits.items() if edit is not None}


def _read(
    file: YamlFile, index: int, entry: Mapping[str, Any], mistakes: Mistakes, notices: Mistakes
) -> Edit | None:
    at, name = ("edits", index), entry.get("family")
    family = _BY_NAME.get(name) if isinstance(name, str) else None
    if family is None:
        mistakes.append(file.mistake(_unknown_family(at, name), *at, "family"))
        return None
    idle = [field for field in entry if field in _EVERY_FIELD - family.model_fields.keys()]
    for field in idle:
        text = f"{entry.get('id')}: mục '{field}' không có tác dụng ở quy tắc loại {name}"
        notices.append(file.mistake(text, *at, field))
    try:
        edit: Any = family.model_validate({key: value for key, value in entry.items() if key not in idle})
    except ValidationError as error:
        for problem in error.errors(include_url=False):
            text, field = _wording({**problem, "loc": (*at, *problem["loc"])}, entry, family)
            mistakes.append(file.mistake(text, *at, field))
        return None
    return edit  # type: ignore[no-any-return]


def _unknown_family(at: tuple[str | int, ...], name: object) -> str:
    expected = {"expected": ", ".join(f"'{known}'" for known in _BY_NAME)}
    kind = "missing" if name is None else "literal_error"
    return in_words({"type": kind, "loc": (*at, "family"), "input": name, "ctx": expected, "msg": ""})


def _wording(problem: Mapping[str, Any], entry: Mapping[str, Any], family: type[BaseEdit]) -> tuple[str, str]:
    """What is wrong in an entry, and at which of its fields it is shown."""
    field = str(problem["loc"][2])
    own = field not in BaseEdit.model_fields
    if own and problem["type"] in ("missing", "too_short"):
        return f"{entry.get('id')}: quy tắc loại {family.family_name()} cần mục '{field}'", "family"
    if field in _NUMBERS:
        return f"{entry.get('id')}: '{problem['input']}' ở '{field}' không phải là số", "family"
    return in_words(problem), field


def check_edits(
    file: YamlFile, edits: Mapping[int, Edit], indicators: Sequence[Indicator], mistakes: Mistakes
) -> None:
    """Each edit stands once, names numbers that are there, and fits in itself."""
    known = {indicator.code: indicator for indicator in indicators}
    seen: set[str] = set()
    for index, edit in edits.items():
        if edit.id in seen:
            mistakes.append(file.mistake(f"quy tắc {edit.id} ghi hai lần", "edits", index, "id"))
        seen.add(edit.id)
        for place, text in _wrong_codes(edit, known):
            mistakes.append(file.mistake(text, "edits", index, place))
        for text in edit.mistakes():
            mistakes.append(file.mistake(f"{edit.id}: {text}", "edits", index, "family"))


def _wrong_codes(edit: Edit, known: Mapping[str, Indicator]) -> Iterable[tuple[str, str]]:
    for place, code in edit.named():
        if code not in known:
            yield place, f"{edit.id} nhắc đến chỉ tiêu '{code}' không có trong indicators.csv"
        elif not known[code].type.is_number:
            yield place, f"{edit.id}: {code} không phải là số"
