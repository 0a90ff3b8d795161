"""The language of the terminal: Vietnamese as the code says it, English out of ``english.yaml``.

The sentences stand in the code, whole and with their values, as Vietnamese; what reaches the terminal
is looked up there. So neither the domain nor a command knows of a second language, and a sentence
without an entry comes out as it is. Letters, mails, reports and pages do not pass here.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

VIETNAMESE, ENGLISH = "vi", "en"
LANGUAGES = (VIETNAMESE, ENGLISH)
CATALOGUE = Path(__file__).with_name("english.yaml")
# As gettext asks them; the first that says anything decides.
_LOCALE = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
_LEAD = re.compile(r"([\s✓✗✕•…!?½-]*)(.*)", re.DOTALL)

# Typer's own words, the other way round.
_VIETNAMESE_HELP = {
    "Show this message and exit.": "Cho xem giải thích này.",
    "Install completion for the current shell.": "Cài gợi ý khi bấm Tab cho shell đang dùng.",
    "Show completion for the current shell, to copy it or customize the installation.": (
        "In đoạn mã gợi ý khi bấm Tab của shell đang dùng, để tự cài."
    ),
    "Arguments": "Tham số",
    "Options": "Tùy chọn",
    "Commands": "Lệnh",
    "[required]": "[bắt buộc]",
    "[default: {}]": "[mặc định: {}]",
}
_PANELS = {
    "ARGUMENTS_PANEL_TITLE": "Arguments",
    "OPTIONS_PANEL_TITLE": "Options",
    "COMMANDS_PANEL_TITLE": "Commands",
    "REQUIRED_LONG_STRING": "[required]",
    "DEFAULT_STRING": "[default: {}]",
}

_current = VIETNAMESE


def choose(arguments: Sequence[str], environment: Mapping[str, str]) -> str:
    """The language for a command line: ``--lang``, else the locale; Vietnamese where neither says English.

    It has to be known before the arguments are read: what is wrong with them is said in it, too.
    """
    for place, word in enumerate(arguments):
        if not word.startswith("-") and arguments[place - 1] not in ("--home", "--programme", "--lang"):
            break  # the command: what follows is its own
        value = word.removeprefix("--lang=") if word.startswith("--lang=") else None
        if word == "--lang":
            value = "".join(arguments[place + 1 : place + 2])
        if value is not None:
            return ENGLISH if value == ENGLISH else VIETNAMESE
    locale = next((environment[name] for name in _LOCALE if environment.get(name)), "")
    return ENGLISH if re.match(r"en\b|en_", locale) else VIETNAMESE


def use(language: str) -> None:
    """Speak it from now on."""
    global _current  # one process is one command line
    _current = language


def in_language(text: str) -> str:
    """What a command says, each line in the chosen language."""
    return text if _current == VIETNAMESE else "\n".join(map(_line, text.split("\n")))


def cell(text: str) -> str:
    """A cell of a table: words of ours are turned, whatever else stands there is data."""
    if _current == VIETNAMESE:
        return text
    lead, words = _parted(text)
    return lead + _catalogue().get(words, words)


def name_panels() -> None:
    """Name the parts of a help page, which belong to no command."""
    from typer import rich_utils

    for name, words in _PANELS.items():
        setattr(rich_utils, name, _help(words))


def speak_in_help(command: Any) -> None:
    """Turn the help of a command and of all below it."""
    command.help = _help(command.help)
    command.short_help = _help(command.short_help)
    for parameter in [*command.params, command.get_help_option(command.context_class(command))]:
        for name in ("help", "metavar"):
            if getattr(parameter, name, None):
                setattr(parameter, name, _help(getattr(parameter, name)))
    for below in getattr(command, "commands", {}).values():
        if isinstance(getattr(below, "rich_help_panel", None), str):
            below.rich_help_panel = _help(below.rich_help_panel)
        speak_in_help(below)


def _help(text: str | None) -> str | None:
    if text is None:
        return None
    return _VIETNAMESE_HELP.get(text, text) if _current == VIETNAMESE else _catalogue().get(text, text)


@cache
def _catalogue() -> dict[str, str]:
    import yaml

    loaded: dict[str, str] = yaml.load(CATALOGUE.read_text(encoding="utf-8"), yaml.CSafeLoader)
    return loaded


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    """The entries with values in them, those with the most words of their own first."""
    entries = [(words, english) for words, english in _catalogue().items() if "{}" in words]
    entries.sort(key=lambda entry: len(entry[0].replace("{}", "")), reverse=True)
    return [
        (re.compile("(.*?)".join(map(re.escape, words.split("{}"))), re.DOTALL), english)
        for words, english in entries
    ]


def _line(text: str) -> str:
    lead, words = _parted(text)
    return lead + _english(words)


@cache
def _english(words: str) -> str:
    known = _catalogue().get(words)
    if known is not None or not words:
        return known or words
    for pattern, english in _patterns():
        match = pattern.fullmatch(words)
        if match is not None:
            return english.format(*(_english(value) for value in match.groups()))
    parts = words.split("; ")
    return "; ".join(map(_english, parts)) if len(parts) > 1 else words


def _parted(text: str) -> tuple[str, str]:
    """What stands before the words: blanks and signs; and the words."""
    match = _LEAD.fullmatch(text)
    return (match[1], match[2]) if match else ("", text)
