"""The map of the units: a box each, laid out by the programme, with no boundaries."""

from dataclasses import dataclass
from typing import Any

from reporting.pages.layout import style, template
from reporting.programme.lineage import key
from reporting.programme.model import Programme, Tile
from reporting.status.cycle import CycleStatus
from reporting.status.unit import UnitState
from reporting.status.words import SIGNS

TILE_WIDTH, TILE_HEIGHT, GAP = 84, 34, 4  # in units of the drawing
LETTERS_OF_A_TILE = 9  # a longer label goes on two lines
LEGEND = (
    ("accepted", (UnitState.ACCEPTED, UnitState.ACCEPTED_WITH_WAIVERS), "số liệu đã chấp nhận"),
    ("correct", (UnitState.NEEDS_CORRECTION,), "đã báo cáo, đề nghị rà soát"),
    ("some", (UnitState.PARTIAL,), "một phần của đơn vị đã báo cáo"),
    ("half", (UnitState.DRAFT, UnitState.LETTER_ONLY), "còn chờ một phần"),
    ("review", (UnitState.UNDER_REVIEW,), "đang xem xét"),
    ("missing", (UnitState.MISSING,), "chưa báo cáo"),
)
CLASSES = {state: name for name, states, _ in LEGEND for state in states}


@dataclass(frozen=True)
class Box:
    """A tile as it is drawn."""

    x: int
    y: int
    width: int
    lines: tuple[str, ...]
    style: str
    sign: str = ""


@dataclass(frozen=True)
class Drawing:
    """The diagram of all units: a layout of boxes, no boundaries."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    marks: tuple[Box, ...]


def draw(programme: Programme, status: CycleStatus) -> Drawing | None:
    """The diagram of the cycle's units; None for a programme that lays out none."""
    units = {key(own): unit for unit in status.units for own in unit.together or (unit.unit,)}
    tiles = [tile for tile in programme.tiles if (tile.code, tile.valid_from) in units]
    if not tiles:
        return None
    boxes = []
    for tile in tiles:
        if not tile.is_island_mark:
            state = units[tile.code, tile.valid_from].state
            boxes.append(_box(tile, f"tile {CLASSES[state]}", 1, SIGNS[state]))
    marks = [_box(tile, "island", 2) for tile in tiles if tile.is_island_mark]
    return Drawing(
        width=max(box.x + box.width for box in [*boxes, *marks]) + GAP,
        height=max(box.y for box in [*boxes, *marks]) + TILE_HEIGHT + GAP,
        boxes=tuple(boxes),
        marks=tuple(marks),
    )


def _box(tile: Tile, style: str, columns: int, sign: str = "") -> Box:
    step = TILE_WIDTH + GAP
    x, y = GAP + tile.column * step, GAP + tile.row * (TILE_HEIGHT + GAP)
    return Box(x, y, columns * step - GAP, _lines(tile.label, LETTERS_OF_A_TILE * columns), style, sign)


def _lines(label: str, letters: int) -> tuple[str, ...]:
    """The label on one line, or on two as even as its words allow."""
    words = label.split()
    if len(label) <= letters or len(words) == 1:
        return (label,)
    splits = [(" ".join(words[:n]), " ".join(words[n:])) for n in range(1, len(words))]
    return min(splits, key=lambda pair: max(map(len, pair)))


def legend(status: CycleStatus) -> list[dict[str, Any]]:
    """What each style of a box means, with the names of the units that have it."""
    return [
        {
            "style": style,
            "sign": SIGNS[states[0]],
            "words": words,
            "names": [unit.unit.name for unit in status.units if unit.state in states],
        }
        for style, states, words in LEGEND
        if style != "some" or status.view is not None
    ]


def picture(programme: Programme, status: CycleStatus, title: str) -> str | None:
    """The diagram as a picture of its own (SVG); None for a programme that lays out none."""
    drawing = draw(programme, status)
    if drawing is None:
        return None
    return str(
        template("map.svg.j2").render(
            drawing=drawing, legend=legend(status), title=title, style=style("map.css")
        )
    )
