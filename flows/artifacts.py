"""What managers see of a run in the Prefect pages. Our own store stays the truth; this is its view."""

import re

from prefect.artifacts import acreate_link_artifact, acreate_markdown_artifact, acreate_progress_artifact

from reporting.desk import Desk
from reporting.outcome import Outcome
from reporting.pages.summary import summarise


async def show_run(desk: Desk, outcome: Outcome) -> None:
    """A summary, a bar and the way to the status page; Prefect keeps the history of each by its key."""
    summary = summarise(desk, outcome)
    if summary is None:
        return
    name = re.sub(r"[^a-z0-9]+", "-", f"{desk.programme.id}-{summary.cycle}".lower())
    await acreate_markdown_artifact(
        summary.markdown, key=f"tom-tat-{name}", description=f"Tóm tắt ngày {desk.today:%d/%m/%Y}"
    )
    await acreate_progress_artifact(
        summary.percent,
        key=f"da-bao-cao-{name}",
        description=f"Đã báo cáo {summary.reported}/{summary.expected}, {desk.today:%d/%m/%Y}",
    )
    if desk.settings.pages_url:
        await acreate_link_artifact(
            f"{desk.settings.pages_url.rstrip('/')}/status/{desk.programme.id}/index.html",
            link_text="Mở trang tình hình",
            key=f"trang-{name}",
            description="Trang tình hình, kèm đường dẫn tới báo cáo đã tổng hợp",
        )
