"""The simulated people of the office: what they decide on which day.

Here are the decisions only; the replay carries them out with the functions the command line uses.
Each has a ``key`` that names it once and for all, so that a day that is done again after a crash
does not take a decision twice.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from email import message_from_bytes, policy
from pathlib import Path
from typing import Literal

from deployments.rehearsal.people import papers
from deployments.rehearsal.scenario import Department, Scenario, read_rows
from reporting.durable import write_durably
from reporting.programme.model import Programme
from reporting.states import Channel
from reporting.vietnamese.working_days import add_working_days, is_working_day


@dataclass(frozen=True)
class RegisterLetter:
    """Register the signed request; ``letter_file`` makes its stand-in."""

    key: str
    by: str
    number: str
    signed_on: date


@dataclass(frozen=True)
class RecordReply:
    """Record what came by document exchange; the files are the department's ``parcel``."""

    key: str
    by: str
    unit: str
    number: str
    dated: date
    received_on: date
    arrival_number: str
    channel: str


@dataclass(frozen=True)
class LogCall:
    key: str
    by: str
    unit: str
    spoke_to: str
    result: str
    promised_on: date | None


@dataclass(frozen=True)
class ImportRegister:
    key: str
    by: str
    file: Path
    source: str


@dataclass(frozen=True)
class ImportFigures:
    """Import the figures of one named document; the rows of ``figures_file`` name it and their day."""

    key: str
    by: str
    source: str
    as_of: date


@dataclass(frozen=True)
class ReleaseCorrections:
    """Look through the correction requests held in a programme's first cycle and let them go."""

    key: str
    by: str


OfficeAction = RegisterLetter | RecordReply | LogCall | ImportRegister | ImportFigures | ReleaseCorrections


@dataclass(frozen=True)
class QuarantineDecision:
    """Whose waiting reply it is; number and date when the unit's document is out by then."""

    by: str
    unit: str
    cycle: str
    number: str | None
    dated: date | None
    remember_sender: bool


def office_actions(scenario: Scenario, day: date) -> list[OfficeAction]:
    """The decisions of a day, in the order in which they are taken; none on a day off."""
    if not is_working_day(day):
        return []
    office = scenario.office
    actions: list[OfficeAction] = []
    if day == office.letter.signed_on:
        actions.append(
            RegisterLetter(
                f"letter:{office.letter.number}", office.leader, office.letter.number, office.letter.signed_on
            )
        )
    actions += [_recorded(scenario, department, day) for department in _exchanged(scenario, day)]
    actions += _calls(scenario, day)
    if day == office.register_import.imported_on:
        plan = office.register_import
        actions.append(
            ImportRegister(
                f"register:{plan.file}", office.duty_officer, scenario.folder / plan.file, plan.source
            )
        )
    actions += _figures(scenario, day)
    if day > office.letter.signed_on:
        actions.append(ReleaseCorrections(f"release:{day}", office.duty_officer))
    return actions


def _exchanged(scenario: Scenario, day: date) -> Iterator[Department]:
    for department in scenario.departments:
        if department.document_by == Channel.EXCHANGE and department.document_on == day:
            yield department


def _recorded(scenario: Scenario, department: Department, day: date) -> RecordReply:
    paper = scenario.papers[department.code]
    return RecordReply(
        f"record:{department.code}",
        scenario.office.duty_officer,
        department.code,
        paper.number,
        paper.dated,
        day,
        f"{int(department.code) + 1000}/Đ",
        Channel.EXCHANGE,
    )


def _calls(scenario: Scenario, day: date) -> list[LogCall]:
    return [
        LogCall(
            f"call:{call.unit}:{call.called_on}",
            scenario.office.duty_officer,
            call.unit,
            call.spoke_to,
            call.result,
            call.promised_on,
        )
        for call in scenario.office.calls
        if call.called_on == day
    ]


def _figures(scenario: Scenario, day: date) -> Iterator[ImportFigures]:
    """Each document on the working day after its date, but not before the cycle is under way."""
    dated, as_of = {}, {}
    for row in _central_rows(scenario):
        dated[row["document"]] = date.fromisoformat(row["document_date"])
        as_of[row["document"]] = date.fromisoformat(row["as_of"])
    for source, when in dated.items():
        if max(scenario.office.figures_from, add_working_days(when, 1)) == day:
            yield ImportFigures(f"figures:{source}", scenario.office.duty_officer, source, as_of[source])


def _central_rows(scenario: Scenario) -> list[dict[str, str]]:
    return read_rows(scenario.folder / "central-figures.csv")


def letter_file(programme: Programme, scenario: Scenario, folder: Path) -> Path:
    """The stand-in for the signed request, as a file; the same bytes each time."""
    letter = scenario.office.letter
    issuer = programme.agency("issuer", letter.signed_on)
    named = programme.under(scenario.cycle)
    content = papers.request_letter(
        letter.number,
        letter.signed_on,
        issuer=issuer.name,
        parent=issuer.parent or "",
        subject=f"V/v báo cáo kết quả thực hiện {named.short_name} {scenario.cycle.title}",
        department=programme.agency("department", letter.signed_on).name,
    )
    return _written(folder / "cong-van-da-ky.pdf", content)


def figures_file(scenario: Scenario, action: ImportFigures, folder: Path) -> Path:
    """The rows of one document, as ``figures import`` reads them."""
    rows = [row for row in _central_rows(scenario) if row["document"] == action.source]
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return _written(folder / f"so-lieu-{rows[0]['code'].lower()}.csv", text.getvalue().encode())


def _written(file: Path, content: bytes) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    write_durably(file, content)
    return file


def quarantine_decision(
    scenario: Scenario, *, sender: str | None, guess: str | None, day: date
) -> QuarantineDecision | None:
    """What the duty officer decides on a waiting reply; None: leave it waiting.

    The officer knows the addresses from which departments have written (or rings them), and reads
    number and date off the document. ``guess`` is the unit that the sender's registered address
    points to.
    """
    strange = scenario.unit_of_address.get((sender or "").lower())
    unit = strange or guess
    department = scenario.by_code.get(unit or "")
    if department is None:
        return None
    paper = scenario.papers[department.code] if department.document_on <= day else None
    return QuarantineDecision(
        scenario.office.duty_officer,
        department.code,
        scenario.cycle.name,
        paper.number if paper else None,
        paper.dated if paper else None,
        strange is not None,
    )


def resolve_unknown(mail_root: Path, *, recipient: str, message_id: str) -> Literal["sent", "resend"]:
    """What the operator decides on a message that may or may not have left: asks the department."""
    return "sent" if message_id in _ids_in(mail_root / "departments" / recipient) else "resend"


def _ids_in(folder: Path) -> Iterable[str]:
    for file in sorted(folder.glob("*.eml")) if folder.is_dir() else []:
        yield str(message_from_bytes(file.read_bytes(), policy=policy.default)["Message-ID"]).strip()
