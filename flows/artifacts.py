"""What managers see of a run in the Prefect pages. Our own store stays the truth; this is its view."""

import re

from prefect.artifacts import (
    acreate_link_artifact,
    acreate_markdown_artifact,
    acreate_progress_artifact,
    acreate_table_artifact,
)

from reporting.desk import Desk
from reporting.outcome import Outcome
from reporting.pages.quality import NAME as QUALITY
from reporting.pages.summary import summarise


async def show_run(desk: Desk, outcome: Outcome) -> None:
    """A summary, two bars, the units, the way to the status page; Prefect keeps each one's history by key."""
    summary = summarise(desk, outcome)
    if summary is None:
        return
    name = re.sub(r"[^a-z0-9]+", "-", f"{desk.programme.id}-{summary.cycle}".lower())
    await acreate_markdown_artifact(
        summary.markdown, key=f"tom-tat-{name}", description=f"Tóm tắt ngày {desk.today:%d/%m/%Y}"
    )
    day = f"{desk.today:%d/%m/%Y}"
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
    if desk.settings.pages_url:
        pages = f"{desk.settings.pages_url.rstrip('/')}/status/{desk.programme.id}"
        await acreate_link_artifact(
            f"{pages}/index.html",
            link_text="Mở trang tình hình",
            key=f"trang-{name}",
            description="Trang tình hình, kèm đường dẫn tới báo cáo đã tổng hợp",
        )
        await acreate_link_artifact(
            f"{pages}/{summary.cycle}/{QUALITY}",
            link_text="Mở trang chất lượng số liệu",
            key=f"chat-luong-{name}",
            description="Số liệu nào tin cậy được, theo đơn vị và nội dung",
        )
