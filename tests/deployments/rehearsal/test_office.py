"""The decisions of the office's people: on their days, each once, plainly marked as a rehearsal."""

from datetime import date, timedelta
from pathlib import Path
from typing import TypeVar

import pytest

from config.settings import Settings
from deployments.rehearsal.office import (
    ImportFigures,
    ImportRegister,
    LogCall,
    OfficeAction,
    RecordReply,
    RegisterLetter,
    ReleaseCorrections,
    figures_file,
    letter_file,
    office_actions,
    quarantine_decision,
    resolve_unknown,
)
from deployments.rehearsal.scenario import load_scenario, read_rows
from reporting.programme.files import load_programme
from reporting.states import Channel
from reporting.vietnamese.working_days import is_working_day

T = TypeVar("T")
PROGRAMME = load_programme(Settings().programmes_dir / "ctph-109")
SCENARIO = load_scenario(PROGRAMME, "annual-2023")
FIRST, LAST = date(2023, 11, 1), date(2024, 4, 30)
DAYS = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
ACTIONS: dict[date, list[OfficeAction]] = {day: office_actions(SCENARIO, day) for day in DAYS}
ALL = [action for actions in ACTIONS.values() for action in actions]


def of_kind(kind: type[T]) -> list[T]:
    return [action for action in ALL if isinstance(action, kind)]


def test_every_decision_has_a_key_of_its_own_and_a_marked_name() -> None:
    assert len({action.key for action in ALL}) == len(ALL)
    assert all(action.by.endswith("(diễn tập)") for action in ALL)
    assert all(is_working_day(day) for day, actions in ACTIONS.items() if actions)


def test_the_letter_is_registered_on_its_day_and_nothing_before(tmp_path: Path) -> None:
    assert [action for day in DAYS if day < date(2023, 12, 13) for action in ACTIONS[day]] == []
    (letter,) = of_kind(RegisterLetter)
    assert letter in ACTIONS[date(2023, 12, 13)]
    assert letter.number == "777/CV-VPQGGN"
    file = letter_file(PROGRAMME, SCENARIO, tmp_path / "letters")
    assert file.read_bytes() == letter_file(PROGRAMME, SCENARIO, tmp_path / "again").read_bytes()


def test_what_came_by_document_exchange_is_recorded_on_its_day() -> None:
    recorded = of_kind(RecordReply)
    exchanged = [each for each in SCENARIO.departments if each.document_by == Channel.EXCHANGE]
    expected = {each.code: each.document_on for each in exchanged}
    assert {action.unit: action.received_on for action in recorded} == expected
    assert all(action in ACTIONS[action.received_on] for action in recorded)
    assert all(action.number == SCENARIO.papers[action.unit].number for action in recorded)


def test_every_call_of_the_plan_is_logged() -> None:
    assert len(of_kind(LogCall)) == len(SCENARIO.office.calls)


def test_the_register_is_imported_once_from_a_file_that_is_there() -> None:
    (register,) = of_kind(ImportRegister)
    assert len(read_rows(register.file)) == 7


def test_each_central_figure_is_imported_once_and_not_before_its_document(tmp_path: Path) -> None:
    rows = read_rows(SCENARIO.folder / "central-figures.csv")
    imported: list[str] = []
    for day, actions in ACTIONS.items():
        for number, action in enumerate(actions):
            if isinstance(action, ImportFigures):
                given = read_rows(figures_file(SCENARIO, action, tmp_path / f"{day}-{number}"))
                assert all(date.fromisoformat(row["document_date"]) < day for row in given)
                assert {row["document"] for row in given} == {action.source}
                imported += [row["code"] for row in given]
    assert sorted(imported) == sorted(row["code"] for row in rows)


def test_held_corrections_are_looked_through_every_working_day() -> None:
    released = set(of_kind(ReleaseCorrections))
    days = {day for day in DAYS if released & set(ACTIONS[day])}
    assert days == {day for day in DAYS if day > date(2023, 12, 13) and is_working_day(day)}


@pytest.mark.parametrize(
    ("sender", "guess", "day", "unit", "number", "remember"),
    [
        ("baotroxahoi.tayninh@thu-rieng.example", None, date(2023, 12, 21), "72", "396/BC-SLĐTBXH", True),
        ("BaoTroXaHoi.TayNinh@thu-rieng.example", "01", date(2023, 12, 21), "72", "396/BC-SLĐTBXH", True),
        ("so-ldtbxh@binh-duong.example", "74", date(2023, 11, 9), "74", "241/BC-SLĐTBXH", False),
        ("so-ldtbxh@lang-son.example", "20", date(2024, 1, 4), "20", None, False),  # a draft: no number yet
    ],
)
def test_whose_waiting_reply_it_is(
    sender: str, guess: str | None, day: date, unit: str, number: str | None, remember: bool
) -> None:
    decision = quarantine_decision(SCENARIO, sender=sender, guess=guess, day=day)
    assert decision is not None
    assert (decision.unit, decision.number, decision.remember_sender) == (unit, number, remember)


@pytest.mark.parametrize("guess", [None, "27", "99"])
def test_what_nobody_knows_is_left_waiting(guess: str | None) -> None:
    assert quarantine_decision(SCENARIO, sender="la@noi-khac.example", guess=guess, day=LAST) is None


def test_the_operator_asks_the_department_what_arrived(tmp_path: Path) -> None:
    box = tmp_path / "departments" / "so@x.example"
    box.mkdir(parents=True)
    (box / "00000001.eml").write_bytes(b"Message-ID: <one@vpqggn.example>\r\nSubject: x\r\n\r\n")
    asked = [
        resolve_unknown(tmp_path, recipient=recipient, message_id=message_id)
        for recipient, message_id in [
            ("so@x.example", "<one@vpqggn.example>"),
            ("so@x.example", "<two@vpqggn.example>"),
            ("khac@x.example", "<one@vpqggn.example>"),
        ]
    ]
    assert asked == ["sent", "resend", "resend"]
