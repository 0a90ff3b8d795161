"""check-config: the programme folders and every template of theirs."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from config.settings import Settings
from reporting.errors import BadInput
from reporting.home.mailboxes import mailbox_mistakes
from reporting.mail.outbox.template_check import check_mail_templates
from reporting.programme.files import (
    check_programme,
    check_together,
    load_programme,
    programme_folders,
    programme_notices,
    programme_overrides,
)
from reporting.programme.mistakes import Mistake, shown
from reporting.programme.model import Programme
from reporting.report.template_check import broken_templates, check_report_templates, unused_in_report
from reporting.requests.right_time import due_too_early
from reporting.vietnamese.formats import short_date
from reporting.vietnamese.working_days import is_working_day


def check_folders(folder: Path | None, settings: Settings) -> tuple[list[Path], list[Mistake]]:
    """The programme folders that were read, and every mistake in them. Raises BadInput for none."""
    every = settings.programmes_dir
    folders = [folder] if folder else programme_folders(every) if every.is_dir() else []
    if not folders or not all(path.is_dir() for path in folders):
        raise BadInput(f"Không thấy thư mục chương trình: {folder or every}.")
    mistakes: list[Mistake] = []
    programmes: list[Programme] = []
    for path in folders:
        own = settings.office / path.name
        found = check_programme(path, own)
        if not found:
            programme = load_programme(path, own)
            programmes.append(programme)
            found = [
                *check_mail_templates(programme),
                *check_report_templates(programme),
                *_due_too_early(programme),
            ]
        else:
            found = [*found, *broken_templates(path)]
        mistakes += found
    if folder is None:  # what they may not share
        mistakes += check_together(programmes)
        ids = {path.name for path in folders} | {programme.id for programme in programmes}
        mistakes += [Mistake("thiết lập", None, text) for text in mailbox_mistakes(settings, sorted(ids))]
    return folders, mistakes


def _due_too_early(programme: Programme) -> Iterator[Mistake]:
    for cycle in programme.cycles:
        if (text := due_too_early(cycle)) is not None:
            yield Mistake(shown(programme.folder / "calendar.yaml"), None, text)


def overridden(folders: list[Path], settings: Settings) -> list[str]:
    """What the office set over shipped programmes: field, its value, the shipped one, file and line."""
    by_folder = (programme_overrides(path, settings.office / path.name) for path in folders)
    return [str(override) for overrides in by_folder for override in overrides]


def notices(folders: list[Path], settings: Settings, today: date) -> list[str]:
    """What is no mistake in right programmes, but worth a look.

    Settings in an older way or to no effect, what the report's template leaves unsaid, days that a
    document set on a day off, and who to ask when nobody was entered.
    """
    lines: list[str] = []
    for path in folders:
        programme = load_programme(path, settings.office / path.name)
        lines += stand_ins(programme, today)
        lines += [str(notice) for notice in programme_notices(path)]
        lines += [*unused_in_report(programme), *_days_off(programme)]
    return lines


_NOBODY = "Chuyên viên theo dõi"  # how the name of a shipped programme begins


def stand_ins(programme: Programme, today: date) -> list[str]:
    """What a shipped programme leaves to the office and stands as it came: units would read it."""
    issuer = programme.agency_if_any("issuer", today)
    if issuer is None:
        return []
    lacking = []
    if issuer.contact_name is None or issuer.contact_name.startswith(_NOBODY):
        lacking.append("tên cán bộ đầu mối")
    if issuer.contact_telephone is None:
        lacking.append("số điện thoại")
    if not lacking:
        return []
    return [f"{programme.id}: thư và biểu gửi đi chưa có {', '.join(lacking)} của Văn phòng (agencies.yaml)"]


_DAYS = {"open_on": "ngày mở kỳ", "due_on": "hạn nộp", "grace_until": "ngày hết gia hạn"}


def _days_off(programme: Programme) -> Iterator[str]:
    """A day that follows a rule moves to the next working day; one that was written down stays."""
    file = shown(programme.folder / "calendar.yaml")
    for cycle in programme.cycles:
        for name, words in _DAYS.items():
            day = getattr(cycle, name)
            if not is_working_day(day):
                yield f"{file}: kỳ {cycle.name}: {words} {short_date(day)} rơi vào ngày nghỉ, giữ như đã ghi."
