"""What managers see of a run in the Prefect pages. Our own store stays the truth; this is its view."""

import base64
import re
from collections.abc import Iterator
from urllib.parse import quote

from prefect.artifacts import (
    acreate_image_artifact,
    acreate_link_artifact,
    acreate_markdown_artifact,
    acreate_progress_artifact,
    acreate_table_artifact,
)

from reporting.home.context import Context
from reporting.outcome import Outcome
from reporting.pages.quality import NAME as QUALITY
from reporting.pages.run_summary import RunSummary, summarise


async def show_run(context: Context, outcome: Outcome) -> None:
    """A summary, two bars, the units and their diagram, the ways to our pages.

    Prefect keeps each one's history by key.
    """
    summary = summarise(context, outcome)
    if summary is None:
        return
    name = re.sub(r"[^a-z0-9]+", "-", f"{context.programme.id}-{summary.cycle}".lower())
    await acreate_markdown_artifact(
        summary.markdown, key=f"tom-tat-{name}", description=f"Tóm tắt ngày {context.today:%d/%m/%Y}"
    )
    day = f"{context.today:%d/%m/%Y}"
    for key, words, count in (
        ("da-bao-cao", "Đã báo cáo", summary.reported),
        ("dung-duoc", "Có biểu số liệu dùng được", summary.usable),
    ):
        await acreate_progress_artifact(
            summary.percent(count),
            key=f"{key}-{name}",
            description=f"{words} {count}/{summary.expected}, {day}",
        )
    await acreate_table_artifact(list(summary.units), key=f"don-vi-{name}", description=f"Từng đơn vị, {day}")
    if summary.picture:
        # In the address itself: no server has to be asked for it, and no login.
        drawn = base64.b64encode(summary.picture.encode()).decode()
        await acreate_image_artifact(
            f"data:image/svg+xml;base64,{drawn}", key=f"so-do-{name}", description=f"Sơ đồ các đơn vị, {day}"
        )
    for key, place, words in _links(context, summary):
        await acreate_link_artifact(
            place, link_text=words, key=f"{key}-{name}", description=f"{words}, {day}"
        )


def _links(context: Context, summary: RunSummary) -> Iterator[tuple[str, str, str]]:
    """The pages a manager goes on to, where their address is known."""
    if not context.settings.pages_url:
        return
    home = context.settings.pages_url.rstrip("/")
    pages = f"{home}/status/{context.programme.id}"
    yield "trang", f"{pages}/index.html", "Trang tình hình"
    yield "chat-luong", f"{pages}/{summary.cycle}/{QUALITY}", "Chất lượng số liệu"
    if summary.report:
        yield "bao-cao", f"{home}/{quote(summary.report)}/bao-cao.pdf", "Báo cáo tổng hợp mới nhất"
