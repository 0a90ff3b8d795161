"""What one piece of work needs at hand: the home, the programmes, the day and the moment."""

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.settings import Settings
from reporting import audit, clock
from reporting.errors import BadInput
from reporting.home import Home, advance_to, is_rehearsal, open_home, refuse_past
from reporting.programme.files import load_programmes
from reporting.programme.model import CycleDefinition, Programme
from reporting.programme.units import sync_units
from reporting.store.engine import reading, writing
from reporting.store.models import Cycle, CycleState, ProgrammeVersion


class Desk:
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
    ) -> None:
        self.home, self.settings, self.programmes = home, settings, programmes
        self.today, self.now, self.rehearsal = today, now, rehearsal

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

    def note_day(self) -> None:
        """Note in the home that the desk's day was worked on."""
        with writing(self.home.engine) as session:
            advance_to(session, self.today)

    def of(self, programme: Programme) -> "Desk":
        """The same desk with another programme in use."""
        settings = self.settings.model_copy(update={"programme": programme.id})
        return Desk(self.home, settings, self.programmes, self.today, self.now, rehearsal=self.rehearsal)


def open_desk(
    settings: Settings,
    *,
    today: date | None = None,
    now: datetime | None = None,
    writes: bool = True,
    notes_day: bool = True,
) -> Desk:
    """Read the programmes and open the home for one piece of work.

    A day that is not given is the clock's. With ``writes`` the day is noted in the home, a changed
    programme folder becomes a dated version, and the units are brought up to date; a day before
    the last one, or an open cycle whose indicators changed, raises BadInput. Without ``notes_day``
    the caller notes the day (``Desk.note_day``) once it knows that the work was not refused.
    """
    now = now or (clock.at(today) if today else clock.now())
    today = today or clock.day_of(now)
    home = open_home(settings)
    programmes = load_programmes(settings.programmes_dir)
    if settings.drop_dir is not None and not settings.drop_dir.is_dir():
        raise BadInput(f"Không có thư mục thả tệp {settings.drop_dir} (KYBAOCAO_DROP_DIR).")
    begins = min((programme.valid_from for programme in programmes.values()), default=today)
    if writes and today < begins:
        raise BadInput(f"Ngày {today:%d/%m/%Y} ở trước khi chương trình bắt đầu ({begins:%d/%m/%Y}).")
    with reading(home.engine) as session:
        rehearsal = is_rehearsal(session)
    desk = Desk(home, settings, programmes, today, now, rehearsal=rehearsal)
    if writes:
        with writing(home.engine) as session:
            refuse_past(session, today)
            for programme in programmes.values():
                _note_version(session, programme, now)
            if notes_day:
                advance_to(session, today)
    return desk


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
    known = session.scalar(
        select(ProgrammeVersion).where(
            ProgrammeVersion.programme == programme.id, ProgrammeVersion.sha256 == programme.sha256
        )
    )
    if known is not None:
        return
    sync_units(session, programme)
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


def cycle_row(session: Session, programme: Programme, name: str) -> Cycle:
    """The stored cycle of that name. Raises BadInput when the programme or the home has none."""
    definition = programme.cycle(name)
    row = session.scalar(select(Cycle).where(Cycle.programme == programme.id, Cycle.name == name))
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
