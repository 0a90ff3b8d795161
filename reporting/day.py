"""The steps of a working day, each a plain function of the context; flows carry them out as tasks.

Every step asks what should have happened by now and has not (``reporting.plan``), so any of them
may be run again, alone or after a crash.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from config.settings import Settings
from reporting.errors import ServiceUnavailable
from reporting.follow_up import reminders
from reporting.follow_up.due import Action, AwaitLetter, Close, DraftLetter, Open, plan
from reporting.home.context import Context, current_cycles, for_each_programme
from reporting.home.folder import only_one, rehearsed_cycle
from reporting.mail.inbox import filing, mailbox
from reporting.mail.inbox.drop_folder import collect_drop
from reporting.mail.outbox import send
from reporting.mail.servers import audience, smtp_server
from reporting.outcome import Outcome
from reporting.programme.model import CycleDefinition, Programme
from reporting.progress_bar import track
from reporting.replies.take_in import BOUNCED, give_up, take_in, waiting_replies
from reporting.requests import lifecycle
from reporting.requests.letter import request_letter
from reporting.states import CycleState, MessageState, ReplyState
from reporting.store import audit
from reporting.store.engine import reading
from reporting.store.tables import Cycle, Message, ReportVersion, UnitRow
from reporting.upkeep.rebuild import is_mail_held
from reporting.vietnamese.formats import short_date

HELD_BY_REBUILD = (
    "thư mục được lập lại từ bản gốc, chưa gửi thư nào cho đơn vị: hủy thư đã gửi trước đây "
    "(kybaocao outbox), rồi 'kybaocao init --resume-mail'"
)


def follow_calendar(context: Context) -> Outcome:
    """Plan the cycles whose period has begun, draft letters, open those that need none, close the past."""
    return for_each_programme(context, _follow)


def _follow(context: Context, session: Session) -> Outcome:
    done: list[str] = []
    waiting = list(_out_of_force(context, session))
    for definition in _due_to_plan(context, session):
        known = {row.name for row, _ in current_cycles(session, context.programme)}
        lifecycle.plan_cycle(context, session, definition.name)
        if definition.name not in known:
            done.append(f"lập kỳ {definition.name}")
    for row, definition in current_cycles(session, context.programme):
        lifecycle.follow_calendar(context, session, row)
        for action in _calendar_actions(context, session, row, definition):
            if isinstance(action, DraftLetter):
                file = lifecycle.draft_request(context, session, row)
                done.append(f"dự thảo công văn đề nghị báo cáo kỳ {row.name}: {file.name}")
            elif isinstance(action, Open):
                opening = lifecycle.open_cycle(context, session, row, by=audit.SYSTEM)
                done.append(f"mở kỳ {row.name}: {opening.queued} thư yêu cầu")
                waiting += [f"{name}: chưa có địa chỉ thư" for name in opening.without_address]
            elif isinstance(action, AwaitLetter):
                waiting.append(
                    f"kỳ {row.name} chờ đăng ký công văn đã ký (từ ngày {short_date(action.since)})"
                )
            elif isinstance(action, Close):
                lifecycle.close_cycle(context, session, row)
                done.append(f"khóa sổ kỳ {row.name}")
    return Outcome(tuple(done), tuple(waiting))


def _due_to_plan(context: Context, session: Session) -> list[CycleDefinition]:
    only = rehearsed_cycle(session)
    return [
        cycle
        for cycle in context.programme.cycles
        if cycle.period_start <= context.today <= cycle.close_on
        and (only is None or cycle.name == only)
        and context.programme.is_in_force(cycle)
    ]


def _out_of_force(context: Context, session: Session) -> Iterator[str]:
    """The cycles that should open about now and may not: the programme has ended (PRACTICE P24)."""
    for cycle in context.programme.cycles if rehearsed_cycle(session) is None else ():
        soon = cycle.open_on - timedelta(days=30)
        if soon <= context.today <= cycle.close_on and not context.programme.is_in_force(cycle):
            yield (
                f"kỳ {cycle.name} nằm ngoài thời hạn của chương trình: cần nhập văn bản gia hạn hoặc "
                "thay thế (programme.yaml, mục succession) rồi mới lập được"
            )


def _calendar_actions(
    context: Context, session: Session, row: Cycle, definition: CycleDefinition
) -> list[Action]:
    letter = request_letter(session, row)
    return plan(
        context.programme,
        definition,
        state=row.state,
        letter_drafted=letter is not None,
        units=(),
        today=context.today,
    )


def collect(context: Context) -> Outcome:
    """Fetch what lies in the mailbox and the drop folder; raw bytes are safe before anything reads them.

    Raises ServiceUnavailable when the mailbox cannot be reached, after the drop folder was read.
    """
    with only_one(context.home, "collect", "Một lượt nhận thư khác đang chạy; hãy chạy lại sau."):
        return _collect(context)


def _collect(context: Context) -> Outcome:
    dropped = collect_drop(context.home, now=context.now)
    fetched: list[int] = []

    def read(settings: Settings) -> None:
        fetched.extend(mailbox.collect_mailbox(context.home, settings, now=context.now))

    _each(read, context.mailboxes)
    new = len(dropped.replies) + len(fetched)
    done = [f"nhận {new} thư, tệp mới"] if new else []
    if dropped.unfinished:
        done.append(f"để lượt sau, còn đang được chép: {', '.join(dropped.unfinished)}")
    return Outcome(tuple(done), failures=tuple(f"thư mục thả tệp: {each}" for each in dropped.problems))


def _each(work: Callable[[Settings], None], mailboxes: Sequence[Settings]) -> None:
    """Do the work for every mailbox; one that is out stops no other. Raises ServiceUnavailable then."""
    outages: list[ServiceUnavailable] = []
    for settings in mailboxes:
        try:
            work(settings)
        except ServiceUnavailable as error:
            outages.append(error)
    if outages:
        raise ServiceUnavailable(" ".join(str(error) for error in outages)) from outages[0]


def take_in_replies(context: Context) -> Outcome:
    """Take in every stored reply; one that breaks does not stop the others, and waits for a person.

    It must not stay unread: while anything is unread nobody is reminded.
    """
    done, waiting, failures = [], [], []
    for reply_id in track(waiting_replies(context), "Tiếp nhận báo cáo"):
        try:
            taken = take_in(context, reply_id)
        except Exception as error:
            failures.append(f"thư {reply_id}: {type(error).__name__}: {error}")
            if isinstance(error, OSError | MemoryError | OperationalError):  # may be gone by the next pass
                continue
            taken = give_up(context, reply_id, error)
        if taken.state is ReplyState.QUARANTINED:
            reasons = "; ".join((*taken.reasons, *([taken.doubt] if taken.doubt else [])))
            waiting.append(f"thư {reply_id} ({taken.unit or 'chưa rõ đơn vị'}): {reasons}")
        elif taken.state is ReplyState.PROCESSED:
            done.append(f"tiếp nhận báo cáo của {taken.unit}")
            if not taken.is_answered:
                waiting.append(f"thư {reply_id}: đã tiếp nhận, không trả lời thêm cho {taken.unit} hôm nay")
        elif BOUNCED in taken.reasons:
            waiting.append(f"thư {reply_id}: {'; '.join(taken.reasons)}; hãy kiểm tra địa chỉ của đơn vị")
    return Outcome(tuple(done), tuple(waiting), tuple(failures))


def file_mail_away(context: Context) -> Outcome:
    """Move what was taken in out of the inbox folder, into Processed or Quarantine."""
    with only_one(context.home, "collect", "Một lượt nhận thư khác đang chạy; hãy chạy lại sau."):
        moved: list[int] = []

        def file(settings: Settings) -> None:
            moved.append(filing.file_away(context.home, settings))

        _each(file, context.mailboxes)
    return Outcome((f"xếp {sum(moved)} thư vào thư mục",) if sum(moved) else ())


def queue_due(context: Context) -> Outcome:
    """Queue what is due to the units; what is stored is taken in first.

    So nobody is reminded whose report already lies here.
    """
    return take_in_replies(context) + reminders.queue_due(context)


async def send_queued(context: Context) -> Outcome:
    """Send what is queued. Raises ServiceUnavailable when a server is out, BadInput when none is set."""
    smtp_server(context.senders[0][0] if context.senders else context.settings)  # is any set?
    with reading(context.home.engine) as session:
        if is_mail_held(session):
            return Outcome(waiting=(HELD_BY_REBUILD,))
    accepted = refused = 0
    outages: list[ServiceUnavailable] = []
    for settings, programmes in context.senders:
        try:
            summary = await send.send_pass(
                context.home, programmes, settings, now=context.now, still_due=reminders.still_due(context)
            )
        except ServiceUnavailable as error:  # the mail of other programmes may have another way
            outages.append(error)
            continue
        accepted, refused = accepted + summary.accepted, refused + summary.refused
    if outages:
        raise ServiceUnavailable(" ".join(str(error) for error in outages)) from outages[0]
    done = [f"gửi {accepted} thư"] if accepted else []
    notices = (audience(settings).notice for settings, _ in context.senders)
    waiting = list(dict.fromkeys(notice for notice in notices if notice))
    if refused:
        waiting.append(
            f"máy chủ không nhận bản lưu của {refused} thư: nếu đứt kết nối, những thư như thế "
            "không tự được xác nhận là đã đi; hãy hỏi người quản trị về địa chỉ cộng của hộp thư"
        )
    with reading(context.home.engine) as session:
        waiting += _messages_that_wait(context, session)
    return Outcome(tuple(done), tuple(waiting))


def _messages_that_wait(context: Context, session: Session) -> list[str]:
    able = {name for _, programmes in context.senders for name in programmes}
    queued = session.scalars(select(Message.programme).where(Message.state == MessageState.QUEUED).distinct())
    lines = [
        f"chương trình {name}: chưa đặt máy chủ gửi thư, thư vẫn xếp hàng"
        for name in queued
        if name not in able
    ]
    for state, text in (
        (MessageState.UNKNOWN, "thư chưa rõ đã đi hay chưa (kybaocao outbox resolve)"),
        (MessageState.HELD, "thư đang giữ, chờ cho gửi (kybaocao outbox release)"),
        (MessageState.FAILED, "thư không gửi được (kybaocao outbox --state failed)"),
    ):
        units = session.scalars(
            select(UnitRow.name)
            .join(Message, Message.unit_id == UnitRow.id)
            .join(Cycle, Cycle.id == Message.cycle_id)
            .where(Message.state == state, Cycle.state != CycleState.CLOSED)
            .where(Cycle.programme.in_([programme.id for programme in context.served]))
            .order_by(Message.id)
        ).all()
        if units:
            lines.append(f"{len(units)} {text}: {', '.join(dict.fromkeys(units))}")
    return lines


def due_compilations(context: Context) -> list[tuple[Programme, str, date]]:
    """The cycles whose report as of the close is due: not compiled yet, or closed only today.

    On the day of the close it is there in the morning; the run that closes the cycle looks once
    more, for what came later that day. The same facts make no new version.
    """
    due = []
    with reading(context.home.engine) as session:
        for programme in context.served:
            for row in session.scalars(
                select(Cycle).where(
                    Cycle.programme == programme.id,
                    Cycle.opened_on.is_not(None),
                    Cycle.close_on <= context.today,
                )
            ):
                compiled = session.scalar(
                    select(ReportVersion.id)
                    .where(ReportVersion.cycle_id == row.id, ReportVersion.as_of >= row.close_on)
                    .limit(1)
                )
                if compiled is None or row.closed_on == context.today:
                    due.append((programme, row.name, row.close_on))
    return due
