"""What came of a rehearsal, for a person to read at its end."""

from collections import Counter
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config.settings import Settings
from reporting import clock
from reporting.home.context import open_context
from reporting.home.folder import Home
from reporting.states import MessageState, ReplyState
from reporting.status.cycle import cycle_status
from reporting.status.words import status_line
from reporting.store.engine import reading
from reporting.store.tables import AuditEvent, Message, RawReply, ReportVersion, Submission
from reporting.vietnamese.formats import short_date
from reporting.words import in_words


def summary(settings: Settings, home: Home, cycle_name: str) -> list[str]:
    """Lines: where the cycle stands, what was exchanged, the files, what to look at next."""
    context = open_context(settings.model_copy(update={"home": home.path}), writes=False)
    as_of = context.programme.cycle(cycle_name).close_on
    with reading(home.engine) as session:
        status = cycle_status(session, context.programme, cycle_name, as_of=as_of)
        lines = [
            "",
            "BẢN DIỄN TẬP - SỐ LIỆU GIẢ ĐỊNH",
            status_line(status, clock.at(as_of, 17)) + ".",
            f"Sớm {status.early}, đúng hạn {status.on_time}, muộn {status.late}.",
            *_exchanged(session),
            "",
            "Tệp đã lập:",
            *_files(session, home),
        ]
    return [
        *lines,
        "",
        "Xem tiếp:",
        f"  kybaocao --home {_short(home.path)} status {cycle_name} --as-of {as_of}",
        f"  kybaocao --home {_short(home.path)} serve      (các lượt chạy trong giao diện Prefect)",
    ]


def _exchanged(session: Session) -> list[str]:
    sent = Counter(
        dict(
            session.execute(
                select(Message.kind, func.count())
                .where(Message.state == MessageState.ACCEPTED)
                .group_by(Message.kind)
            )
            .tuples()
            .all()
        )
    )
    unsettled = session.scalar(
        select(func.count()).select_from(Message).where(Message.state == MessageState.UNKNOWN)
    )
    replies = (
        session.scalar(select(func.count()).select_from(RawReply).where(RawReply.state != ReplyState.IGNORED))
        or 0
    )
    quarantined = session.scalar(
        select(func.count()).select_from(AuditEvent).where(AuditEvent.action == "đưa vào khu chờ xử lý")
    )
    versions = session.scalar(select(func.count()).select_from(Submission))
    share = 100 * (quarantined or 0) // max(replies, 1)
    return [
        "Đã gửi: "
        + ", ".join(f"{sent[kind]} {in_words(kind)}" for kind in sent)
        + f"; chưa rõ đã đi: {unsettled}.",
        f"Đã nhận: {replies} thư, hồ sơ; {versions} bản số liệu; "
        f"{quarantined} thư qua khu chờ xử lý ({share}%).",
    ]


def _files(session: Session, home: Home) -> list[str]:
    lines = []
    for version in session.scalars(select(ReportVersion).order_by(ReportVersion.id)):
        lines.append(f"  báo cáo tính đến {short_date(version.as_of)}, phiên bản {version.version}:")
        folder = home.path / version.folder
        lines += [f"    {_short(path)}" for path in sorted(folder.iterdir())]
    return lines


def _short(path: Path) -> str:
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
