"""The diagrams of states in docs/developing.md have the states that the code has, and no others."""

import re
from enum import StrEnum
from pathlib import Path

import pytest

from reporting.states import CycleState, MessageState, ReplyState
from reporting.status.report import ReportState
from reporting.status.unit import UnitState

PAGE = Path(__file__).parents[1] / "docs" / "developing.md"
DIAGRAM = re.compile(r"```mermaid\nstateDiagram-v2\n(.*?)```", re.DOTALL)
ARROW = re.compile(r"^ {4}(\[\*\]|\w+) --> (\w+)(?:: [^:;]+)?$")


def diagrams() -> dict[str, list[str]]:
    """The lines of each diagram by the heading it stands under."""
    parts = PAGE.read_text(encoding="utf-8").split("\n### ")
    return {
        part.partition("\n")[0]: diagram[1].splitlines()
        for part in parts
        if (diagram := DIAGRAM.search(part))
    }


@pytest.mark.parametrize(
    ("title", "states"),
    [
        ("Message", MessageState),
        ("Reply", ReplyState),
        ("Unit", UnitState),
        ("Cycle", CycleState),
        ("Report version", ReportState),
    ],
)
def test_a_diagram_has_each_state_and_no_other(title: str, states: type[StrEnum]) -> None:
    """Each has a way in, too; every line is an arrow."""
    arrows = [ARROW.match(line) for line in diagrams()[title]]
    assert all(arrows), diagrams()[title]
    ends = [(arrow[1], arrow[2]) for arrow in arrows if arrow]
    assert {state for arrow in ends for state in arrow} - {"[*]"} == {str(state) for state in states}
    assert {target for _, target in ends} == {str(state) for state in states}


def test_there_are_no_other_diagrams() -> None:
    assert PAGE.read_text(encoding="utf-8").count("```mermaid") == len(diagrams()) == 5
