"""The terminal in English: nothing that a command says is left out, and nothing but the terminal turns."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from deployments.cli import language
from deployments.cli.language import CATALOGUE, ENGLISH, VIETNAMESE, choose
from reporting.words import WORDS_OF
from tests.deployments.cli.conftest import Office

ROOT = Path(__file__).parents[3]
VIETNAMESE_LETTER = re.compile(r"[À-ỹđĐ]")
PACKAGES = ("config", "reporting", "expectations", "tasks", "flows", "deployments")


def test_each_sentence_of_the_command_line_has_an_english_one() -> None:
    said = {
        words
        for file in sorted((ROOT / "deployments" / "cli").rglob("*.py"))
        if file.name != "language.py"
        for words in sentences(ast.parse(file.read_text(encoding="utf-8")))
    }
    assert said - catalogue() == set()


def test_each_refusal_has_an_english_one() -> None:
    said = {
        words
        for package in PACKAGES
        for file in sorted((ROOT / package).rglob("*.py"))
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call)
        for argument in node.exc.args
        for words in variants(argument)
        if VIETNAMESE_LETTER.search(words)
    }
    assert len(said) > 100
    assert {stripped(words) for words in said} - catalogue() == set()


def test_each_state_and_kind_has_an_english_word() -> None:
    assert {word for words in WORDS_OF.values() for word in words.values()} - catalogue() == set()


def test_an_english_sentence_says_all_that_the_vietnamese_one_does() -> None:
    for words, english in entries().items():
        assert not VIETNAMESE_LETTER.search(english.replace("mới", "")), words
        if "{%" in words:  # it has no values but speaks of a template's braces
            continue
        told = english.format(*(f"<{number}>" for number in range(words.count("{}"))))
        assert {f"<{number}>" for number in range(words.count("{}"))} <= set(re.findall(r"<\d+>", told)), (
            words
        )


@pytest.mark.parametrize(
    ("arguments", "environment", "chosen"),
    [
        ([], {}, VIETNAMESE),
        ([], {"LANG": "C.UTF-8"}, VIETNAMESE),
        ([], {"LANG": "en_US.UTF-8"}, ENGLISH),
        ([], {"LANG": "en_US.UTF-8", "LC_ALL": "vi_VN.UTF-8"}, VIETNAMESE),
        ([], {"LANG": "vi_VN.UTF-8", "LANGUAGE": "en:vi"}, ENGLISH),
        (["--lang", "en", "status"], {"LANG": "vi_VN.UTF-8"}, ENGLISH),
        (["--home", "x", "--lang=en", "status"], {}, ENGLISH),
        (["--lang", "vi", "status"], {"LANG": "en_US.UTF-8"}, VIETNAMESE),
        (["call", "--result", "--lang", "en"], {}, VIETNAMESE),
    ],
)
def test_it_is_chosen_by_option_then_by_the_machine(
    arguments: list[str], environment: dict[str, str], chosen: str
) -> None:
    assert choose(arguments, environment) == chosen


def test_help_tables_lines_and_errors_are_english(office: Office) -> None:
    def english(*words: str) -> str:
        ran = office.run("--lang", "en", *words)
        return ran.out + ran.err

    told = english("status", "--help")
    assert "Where the cycle stands." in told
    assert "As of this day (default: today)." in told
    assert "Show this message and exit." in told
    told = english("status", "annual-2023", "--as-of", "2024-01-05")
    assert "0/63 departments have reported (0 reports, 0 letters)" in told
    assert "63 left: " in told
    assert "✕ not reported" in told
    assert "Đà Nẵng" in told  # a name stays one
    assert "There is no cycle 'annual-1923' in programme ctph-109" in english("status", "annual-1923")
    assert english("status", "--as-of", "x").startswith("--as-of: “x” is no day; write 2024-04-30")
    assert "Waiting: none." in english("quarantine") or "Waiting: 0: none." in english("quarantine")


def test_what_is_data_or_to_be_read_out_stays_vietnamese(office: Office) -> None:
    as_is = office.run("status", "annual-2023", "--line", "--as-of", "2024-01-05").out
    assert office.run("--lang", "en", "status", "annual-2023", "--line", "--as-of", "2024-01-05").out == as_is
    plain = office.run("audit", "--json").json
    assert office.run("--lang", "en", "audit", "--json").json == plain


def test_a_stranger_cannot_have_his_words_turned() -> None:
    language.use(ENGLISH)
    try:
        assert language.cell("Đã ghi 3.") == "Đã ghi 3."
        assert language.cell("✓ đã chấp nhận") == "✓ accepted"
        assert language.in_language("Đã ghi {0.__class__}.") == "Recorded {0.__class__}."
    finally:
        language.use(VIETNAMESE)


def test_help_is_vietnamese_otherwise_and_so_are_its_headings(office: Office) -> None:
    for words in (("--help",), ("status", "--help"), ("contacts", "--help")):
        told = office.run(*words).out
        assert "Tùy chọn" in told
        assert "Cho xem giải thích này." in told
        assert "Show this message" not in told


def entries() -> dict[str, str]:
    loaded: dict[str, str] = yaml.safe_load(CATALOGUE.read_text(encoding="utf-8"))
    return loaded


def catalogue() -> set[str]:
    return {stripped(words) for words in entries()}


def stripped(words: str) -> str:
    return language._parted(words)[1]


def sentences(node: ast.AST) -> Iterator[str]:
    """The Vietnamese sentences of a module, with {} for each value; those within a value, too."""
    whole = [each for each in variants(node) if VIETNAMESE_LETTER.search(each)]
    yield from (
        re.sub(r"\{\w+\}", "{}", stripped(line))
        for each in whole
        for line in each.split("\n")
        if VIETNAMESE_LETTER.search(line)
    )
    for below in values(node) if whole else ast.iter_child_nodes(node):
        yield from sentences(below)


def values(node: ast.AST) -> Iterator[ast.AST]:
    """What stands as {} in a text, at any depth."""
    for below in ast.walk(node):
        if isinstance(below, ast.FormattedValue) and not isinstance(below.value, ast.IfExp):
            yield below.value


def variants(node: ast.AST) -> list[str]:
    """What an expression of text may come out as: each way of its conditions."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.JoinedStr):
        found = [""]
        for part in node.values:
            inner = part.value if isinstance(part, ast.FormattedValue) else part
            choices = variants(inner) if isinstance(inner, ast.Constant | ast.IfExp) else ["{}"]
            found = [before + after for before in found for after in choices]
        return found
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        sides = [variants(side) or ["{}"] for side in (node.left, node.right)]
        return [before + after for before in sides[0] for after in sides[1]]
    if isinstance(node, ast.IfExp):
        return [words for side in (node.body, node.orelse) for words in variants(side) or ["{}"]]
    return []
