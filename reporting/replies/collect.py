"""One pass over what came in: fetch it, take it in, file it away."""

from collections.abc import Callable, Sequence

from sqlalchemy.exc import OperationalError

from config.settings import Settings
from reporting.errors import ServiceUnavailable
from reporting.home.context import Context
from reporting.home.folder import only_one
from reporting.home.trouble import trouble
from reporting.mail.inbox import filing, mailbox
from reporting.mail.inbox.drop_folder import collect_drop
from reporting.outcome import Outcome
from reporting.progress_bar import track
from reporting.replies.automatic import BOUNCED
from reporting.replies.reading.turns import in_turns
from reporting.replies.take_in import give_up, take_in, waiting_replies
from reporting.states import ReplyState

NO_FILE = "là liên kết, ống dẫn hay thiết bị, hoặc thư mục có thứ như thế: không mở; hãy lấy ra"


def collect(context: Context) -> Outcome:
    """Fetch what lies in the mailbox and the drop folder; raw bytes are safe before anything reads them.

    Raises ServiceUnavailable when the mailbox cannot be reached, after the drop folder was read.
    """
    with only_one(context.home, "collect", "Một lượt nhận thư khác đang chạy; hãy chạy lại sau."):
        return _collect(context)


def _collect(context: Context) -> Outcome:
    dropped = collect_drop(context.home, now=context.now)
    fetched: list[mailbox.Fetched] = []

    def read(settings: Settings) -> None:
        fetched.append(mailbox.collect_mailbox(context.home, settings, now=context.now))

    _for_mailboxes(read, context.mailboxes)
    new = len(dropped.replies) + sum(len(each.replies) for each in fetched)
    done = [note for each in fetched for note in each.notes]
    done += [f"nhận {new} thư, tệp mới"] if new else []
    if dropped.unfinished:
        done.append(f"để lượt sau, còn đang được chép: {', '.join(dropped.unfinished)}")
    odd = tuple(f"thư mục thả tệp: {name} {NO_FILE}" for name in dropped.odd)
    return Outcome(tuple(done), odd, tuple(f"thư mục thả tệp: {problem}" for problem in dropped.problems))


def _for_mailboxes(work: Callable[[Settings], None], mailboxes: Sequence[Settings]) -> None:
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
    return _taken_in(context, waiting_replies(context))


def take_in_next_turn(context: Context) -> Outcome:
    """Take in the stored replies whose turn is next (``reading.turns``)."""
    return _taken_in(context, next(iter(in_turns(context)), []))


def _taken_in(context: Context, replies: Sequence[int]) -> Outcome:
    done, waiting, failures = [], [], []
    for reply_id in track(replies, "Tiếp nhận báo cáo"):
        try:
            taken = take_in(context, reply_id)
        except Exception as error:
            failures.append(f"thư đến {reply_id}: {_in_a_line(context, error)}")
            if isinstance(error, OSError | MemoryError | OperationalError):  # may be gone by the next pass
                continue
            taken = give_up(context, reply_id, error)
        if taken.state is ReplyState.QUARANTINED:
            reasons = "; ".join((*taken.reasons, *([taken.doubt] if taken.doubt else [])))
            waiting.append(f"thư đến {reply_id} ({taken.unit or 'chưa rõ đơn vị'}): {reasons}")
        elif taken.state is ReplyState.PROCESSED:
            done.append(f"tiếp nhận báo cáo của {taken.unit}")
            if not taken.is_answered:
                waiting.append(
                    f"thư đến {reply_id}: đã tiếp nhận, không trả lời thêm cho {taken.unit} hôm nay"
                )
        elif BOUNCED in taken.reasons:
            waiting.append(f"thư đến {reply_id}: {'; '.join(taken.reasons)}; hãy kiểm tra địa chỉ của đơn vị")
    return Outcome(tuple(done), tuple(waiting), tuple(failures))


def _in_a_line(context: Context, error: Exception) -> str:
    what = f"{type(error).__name__}: {next(iter(str(error).splitlines()), '')}"
    return trouble(error, context.home.path) or what


def file_mail_away(context: Context) -> Outcome:
    """Move what was taken in out of the inbox folder, into Processed or Quarantine.

    All of it is safe with us by then: a mailbox that will not have it so is a line, and ends no day.
    """
    with only_one(context.home, "collect", "Một lượt nhận thư khác đang chạy; hãy chạy lại sau."):
        filed: list[filing.Filed] = []
        problems: list[str] = []
        for settings in context.mailboxes:
            try:
                filed.append(filing.file_away(context.home, settings))
            except ServiceUnavailable as error:
                problems.append(f"chưa xếp được thư vào thư mục: {error}")
    moved = sum(each.moved for each in filed)
    problems += [problem for each in filed for problem in each.problems]
    return Outcome((f"xếp {moved} thư vào thư mục",) if moved else (), failures=tuple(problems))
