"""What one piece of work needs at hand: the home, the programmes, the day and the moment."""

from collections.abc import Callable, Mapping
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.settings import Settings
from reporting import clock
from reporting.errors import BadInput
from reporting.home.days import NewestArrival, advance_to, refuse_leap, refuse_past, refuse_typed
from reporting.home.folder import Home, open_home, rehearsed_cycle
from reporting.home.mailboxes import mailbox_mistakes
from reporting.home.private import make_private
from reporting.outcome import NOTHING, Outcome
from reporting.programme.files import load_programmes
from reporting.programme.model import CycleDefinition, Programme
from reporting.programme.unit_changes import follow
from reporting.states import CycleState
from reporting.store import audit
from reporting.store.engine import reading, writing
from reporting.store.tables import Cycle, ProgrammeVersion


class Context:
    """Handed to every step of a day. ``today`` decides what is due, ``now`` is what gets written.

    Not a dataclass: an engine that carries out steps walks through the fields of those, for every
    step, in search of results of other steps, and a programme has thousands.
    """

    def __init__(
        self,
        home: Home,
        settings: Settings,
        programmes: Mapping[str, Programme],
        today: date,
        now: datetime,
        *,
        rehearsal: bool,
        only: str | None = None,
    ) -> None:
        self.home, self.programmes = home, programmes
        self.shared = settings  # as they were given; ``settings`` are those of the programme in use
        self.settings = settings.of(settings.programme)
        self.today, self.now, self.rehearsal = today, now, rehearsal
        self.only = only

    @property
    def programme(self) -> Programme:
        """The programme in use (setting ``PROGRAMME``). Raises BadInput when it is not there."""
        try:
            return self.programmes[self.settings.programme]
        except KeyError:
            known = ", ".join(sorted(self.programmes)) or "không có"
            raise BadInput(
                f"Không có chương trình '{self.settings.programme}' trong "
                f"{self.settings.programmes_dir} (hiện có: {known})."
            ) from None

    @property
    def served(self) -> tuple[Programme, ...]:
        """The programmes whose calendar is followed: all, or the one this context was opened for."""
        if self.rehearsal or self.only:  # a rehearsal plays one cycle of one programme
            return (self.programme,)
        return tuple(self.programmes.values())

    @property
    def mailboxes(self) -> list[Settings]:
        """The settings of each mailbox that is read: the shared one, then the programmes' own."""
        own = [self.shared.of(name) for name in self.programmes if name in self.shared.mailboxes]
        by_url = {
            settings.imap_url: settings for settings in (self.shared, *own) if settings.imap_url is not None
        }
        return list(by_url.values())

    @property
    def senders(self) -> list[tuple[Settings, dict[str, Programme]]]:
        """The programmes by the address and server that their mail leaves from, where one is set."""
        by_server: dict[object, tuple[Settings, dict[str, Programme]]] = {}
        for programme in self.programmes.values():
            settings = self.shared.of(programme.id)
            if settings.smtp_url is not None:
                key = (settings.smtp_url.get_secret_value(), settings.mail_from)
                by_server.setdefault(key, (settings, {}))[1][programme.id] = programme
        return list(by_server.values())

    def note_day(self) -> None:
        """Note in the home that the context's day was worked on."""
        with writing(self.home.engine) as session:
            advance_to(session, self.today)

    def of(self, programme: Programme) -> "Context":
        """The same context with another programme in use."""
        settings = self.shared.model_copy(update={"programme": programme.id})
        return Context(self.home, settings, self.programmes, self.today, self.now, rehearsal=self.rehearsal)


def open_context(
    settings: Settings,
    *,
    today: date | None = None,
    now: datetime | None = None,
    writes: bool = True,
    notes_day: bool = True,
    only: str | None = None,
    newest_arrival: NewestArrival | None = None,
    home: Home | None = None,
) -> Context:
    """Read the programmes and open the home for one piece of work.

    A day that is not given is the clock's; for one that lies far ahead ``newest_arrival`` is asked,
    and without an answer a person (``reporting.home.days``: BadInput). With ``writes`` the day is
    noted in the home, a changed programme folder becomes a dated version, and the units are brought
    up to date; a day before the last one, or an open cycle whose indicators changed, raises BadInput.
    Without ``notes_day`` the caller notes the day (``Context.note_day``) once it knows that the work
    was not refused. ``only``: the one programme whose calendar is to be followed.
    ``home``: one that was opened before, by a process that works on and on.
    """
    is_typed = today is not None
    now = now or (clock.at(today) if today else clock.now())
    today = today or clock.day_of(now)
    home = home or open_home(settings)
    programmes = load_programmes(settings.programmes_dir, settings.office)
    if settings.drop_dir is not None and not settings.drop_dir.is_dir():
        raise BadInput(f"Không có thư mục thả tệp {settings.drop_dir} (KYBAOCAO_DROP_DIR).")
    begins = min((programme.valid_from for programme in programmes.values()), default=today)
    if writes and today < begins:
        raise BadInput(f"Ngày {today:%d/%m/%Y} ở trước khi chương trình bắt đầu ({begins:%d/%m/%Y}).")
    with reading(home.engine) as session:
        rehearsed = rehearsed_cycle(session)
    rehearsal = rehearsed is not None
    if rehearsed is not None:
        programmes = {name: programme.rehearsing(rehearsed) for name, programme in programmes.items()}
    if mistakes := mailbox_mistakes(settings, programmes):
        raise BadInput("; ".join(mistakes))
    settings = settings.model_copy(update={"programme": only}) if only else settings
    context = Context(home, settings, programmes, today, now, rehearsal=rehearsal, only=only)
    if only:
        context.programme  # noqa: B018 - raises BadInput when it is not there
    if writes:
        if not rehearsal:
            _refuse_doubtful(context, is_typed, newest_arrival)
        make_private(home.path)
        with writing(home.engine) as session:
            refuse_past(session, today)
            for programme in programmes.values():
                _note_version(session, programme, now)
            if notes_day:
                advance_to(session, today)
    return context


def _refuse_doubtful(context: Context, is_typed: bool, newest: NewestArrival | None) -> None:
    with reading(context.home.engine) as session:  # a mail server may be asked: nothing is held up
        if is_typed:
            refuse_typed(session, context.today)
        else:
            refuse_leap(session, context.now, context.mailboxes, newest)


def _note_version(session: Session, programme: Programme, now: datetime) -> None:
    # Asked of a folder seen before as well: it may have been put back to what it was before a cycle opened.
    changed = session.scalars(
        select(Cycle.name).where(
            Cycle.programme == programme.id,
            Cycle.state == CycleState.OPEN,
            Cycle.indicators_sha256 != programme.indicators_sha256,
        )
    ).all()
    if changed:
        raise BadInput(
            f"Danh mục chỉ tiêu của {programme.id} đã bị sửa trong khi kỳ {', '.join(changed)} đang mở: "
            "lời văn và ngày tháng được sửa, chỉ tiêu thì không. Hãy khôi phục indicators.csv, edits.yaml."
        )
    follow(session, programme, now)
    known = session.scalar(
        select(ProgrammeVersion).where(
            ProgrammeVersion.programme == programme.id, ProgrammeVersion.sha256 == programme.sha256
        )
    )
    if known is not None:
        return
    session.add(
        ProgrammeVersion(
            programme=programme.id,
            sha256=programme.sha256,
            indicators_sha256=programme.indicators_sha256,
            files=programme.files,
            recorded_at=now,
        )
    )
    audit.record(session, now, audit.SYSTEM, "ghi nhận phiên bản chương trình", subject=programme.sha256[:12])


def stored_cycle(session: Session, programme: Programme, name: str) -> Cycle | None:
    """The stored cycle of that name; None when the home has none."""
    return session.scalar(select(Cycle).where(Cycle.programme == programme.id, Cycle.name == name))


def cycle_row(session: Session, programme: Programme, name: str) -> Cycle:
    """The stored cycle of that name. Raises BadInput when the programme or the home has none."""
    definition = programme.cycle(name)
    row = stored_cycle(session, programme, name)
    if row is None:
        raise BadInput(
            f"Kỳ {name} chưa được lập trong thư mục này (kỳ bắt đầu {definition.period_start:%d/%m/%Y}): "
            f"hãy chạy 'kybaocao open {name}'."
        )
    return row


def current_cycles(session: Session, programme: Programme) -> list[tuple[Cycle, CycleDefinition]]:
    """The cycles that are planned or open, oldest first."""
    rows = session.scalars(
        select(Cycle)
        .where(Cycle.programme == programme.id, Cycle.state != CycleState.CLOSED)
        .order_by(Cycle.period_start, Cycle.id)
    )
    return [(row, programme.cycle(row.name)) for row in rows]


def for_each_programme(context: Context, work: Callable[[Context, Session], Outcome]) -> Outcome:
    """Do ``work`` for each programme that is served, in a transaction of its own.

    Where several are served, one that cannot go on (its calendar lost an open cycle, say) is a
    failure of the outcome and stops no other.
    """
    outcome = NOTHING
    for programme in context.served:
        try:
            with writing(context.home.engine) as session:
                outcome += work(context.of(programme), session)
        except BadInput as error:
            if len(context.served) == 1:
                raise
            outcome += Outcome(failures=(f"chương trình {programme.id}: {error}",))
    return outcome
