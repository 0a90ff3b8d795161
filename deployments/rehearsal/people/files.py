"""The files a simulated department sends: its signed document, and the form filled in."""

from collections.abc import Mapping
from dataclasses import dataclass

from deployments.rehearsal.people import papers, workbook
from deployments.rehearsal.people.letterbox import PDF, XLSX, Attached, Incoming
from deployments.rehearsal.recipes import Value
from deployments.rehearsal.scenario import Scenario
from deployments.rehearsal.values import explanations_of
from reporting.forms import layout
from reporting.programme.model import Programme, Unit
from reporting.vietnamese.text import ascii_file_name


@dataclass(frozen=True)
class DepartmentFiles:
    """A department's files; ``name`` is its own, ``officer`` the address of its contact officer."""

    programme: Programme
    scenario: Scenario
    unit: Unit
    name: str
    officer: str

    def paper(self) -> Attached:
        """The signed document, as a made-up PDF."""
        paper, named = self.scenario.papers[self.unit.code], self.programme.under(self.scenario.cycle)
        place = self.unit.full_name[0].lower() + self.unit.full_name[1:]
        content = papers.department_report(
            paper.title,
            paper.number,
            paper.dated,
            department=self.name,
            parent=f"Ủy ban nhân dân {place}",
            subject=f"Kết quả thực hiện {named.short_name} {self.scenario.cycle.title}",
        )
        return Attached(ascii_file_name(f"{paper.number}.pdf".replace("/", "-")), PDF, content)

    def form(self, mail: Incoming, answers: Mapping[str, Value], *, with_document: bool) -> Attached:
        """The form that came with a mail, filled in, as a file to attach."""
        name = ascii_file_name(f"Bieu so lieu {self.unit.name}.xlsx")
        return Attached(name, XLSX, self.filled(mail, answers, with_document=with_document))

    def filled(self, mail: Incoming, answers: Mapping[str, Value], *, with_document: bool) -> bytes:
        """The form that came with a mail, filled in; ``with_document`` names the signed paper, too."""
        assert mail.workbook is not None, "only mails with a form are answered"
        paper = self.scenario.papers[self.unit.code]
        cover = {
            layout.SIGNER: "Giám đốc Sở (diễn tập)",
            "SY00.05.1": "Cán bộ đầu mối (diễn tập)",
            "SY00.05.2": "Chuyên viên (diễn tập)",
            "SY00.05.4": self.officer,
        }
        if with_document:
            cover |= {layout.DOCUMENT_NUMBER: paper.number, layout.DOCUMENT_DATE: f"{paper.dated:%d/%m/%Y}"}
        return workbook.fill(mail.workbook, self._as_typed(answers), cover, explanations_of(answers))

    def _as_typed(self, answers: Mapping[str, Value]) -> dict[str, Value]:
        """A choice is made by its label, "có" with a capital letter, as the form offers them."""
        by_code = self.programme.by_code
        typed = dict(answers)
        for code, answer in answers.items():
            labels = {choice.code: choice.label for choice in by_code[code].choices}
            if isinstance(answer, str):
                typed[code] = labels.get(answer, answer.capitalize() if answer in ("có", "không") else answer)
        return typed
