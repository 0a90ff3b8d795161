"""The charts of the internal annex, as SVG: letters as shapes; hatch and line tell apart what colour does.

The same data give the same bytes. matplotlib is imported here and nowhere else; its own font holds
every Vietnamese letter, so a chart looks the same on every machine.
"""

import io
from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib as mpl
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure as Drawing
from matplotlib.ticker import MaxNLocator

_LOOK: Any = {
    "font.family": "DejaVu Sans",
    "font.size": 8,
    "svg.fonttype": "path",
    "svg.hashsalt": "kybaocao",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "hatch.linewidth": 0.6,
}
# The same order as ``internal.STATES``: colour and hatch.
_STATES = (("#8fbf8f", ""), ("#f2d472", "///"), ("#a9c1e8", "..."), ("#cbb5e3", "xx"), ("#ffffff", "\\\\\\"))


def curve(points: Sequence[Sequence[int]], before: Mapping[str, Any] | None, due_day: int) -> str:
    """Reports received by day of the cycle; the cycle before as a dashed line."""
    with mpl.rc_context(_LOOK):
        drawing = Drawing(figsize=(6.6, 2.5), layout="constrained")
        axes = drawing.add_subplot()
        axes.step(*zip(*points, strict=True), where="post", color="#1f3a5f", linewidth=1.6, label="Kỳ này")
        if before is not None:
            axes.step(
                *zip(*before["points"], strict=True), where="post", color="#777777", linestyle="--",
                linewidth=1.2, label=before["title"][:1].upper() + before["title"][1:],
            )  # fmt: skip
            axes.legend(frameon=False, loc="lower right")
        axes.axvline(due_day, color="#b03030", linestyle=":", linewidth=1)
        axes.annotate("hạn gửi", (due_day, 0), xytext=(3, 3), textcoords="offset points", color="#b03030")
        axes.set_xlabel("Số ngày từ ngày mở kỳ")
        axes.set_ylabel("Số báo cáo đã nhận")
        axes.set_ylim(bottom=0)
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))
        return _svg(drawing)


def lateness(bars: Sequence[Sequence[Any]]) -> str:
    """A bar for early, in time, late by how much, and missing."""
    with mpl.rc_context(_LOOK):
        drawing = Drawing(figsize=(6.6, 1.9), layout="constrained")
        axes = drawing.add_subplot()
        hatches = ("", "", "//", "///", "xxx", "\\\\\\")
        colours = ("#bfd8bf", "#8fbf8f", "#f2e2a6", "#f2d472", "#e0a060", "#ffffff")
        for place, (label, count) in enumerate(bars):
            axes.barh(
                label, count, color=colours[place], hatch=hatches[place], edgecolor="#333333", linewidth=0.6
            )
            axes.annotate(str(count), (count, place), xytext=(3, 0), textcoords="offset points", va="center")
        axes.invert_yaxis()
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        return _svg(drawing)


def regions(rows: Sequence[Mapping[str, Any]], states: Sequence[Sequence[str]]) -> str:
    """A bar a region, parted by state."""
    with mpl.rc_context(_LOOK):
        drawing = Drawing(figsize=(6.6, 0.8 + 0.3 * len(rows)), layout="constrained")
        axes = drawing.add_subplot()
        names = [f"{row['name']} ({row['reported']}/{row['expected']})" for row in rows]
        left = [0] * len(rows)
        for place, (_, words) in enumerate(states):
            counts = [row["by_state"][place] for row in rows]
            colour, hatch = _STATES[place]
            axes.barh(
                names, counts, left=left, label=words, color=colour, hatch=hatch, edgecolor="#333333",
                linewidth=0.6, height=0.65,
            )  # fmt: skip
            left = [before + count for before, count in zip(left, counts, strict=True)]
        axes.invert_yaxis()
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        drawing.legend(
            *axes.get_legend_handles_labels(), loc="outside upper right", ncols=len(states), frameon=False,
            columnspacing=1, handlelength=1.4,
        )  # fmt: skip
        return _svg(drawing)


def _svg(drawing: Drawing) -> str:
    buffer = io.BytesIO()
    FigureCanvasSVG(drawing).print_svg(  # type: ignore[no-untyped-call]
        buffer, metadata={"Date": None, "Creator": None}
    )
    return buffer.getvalue().decode("utf-8")
