"""One simulated department: what it has to send by a day, and what it writes into its form."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, cached_property, partial
from pathlib import Path

from deployments.rehearsal.people import workbook
from deployments.rehearsal.people.files import DepartmentFiles
from deployments.rehearsal.people.letterbox import Attached, Incoming, Letter, Letterbox
from deployments.rehearsal.recipes import Value
from deployments.rehearsal.scenario import Department, Paper, Scenario
from deployments.rehearsal.values import values_of, with_mistake
from reporting.durable import write_durably
from reporting.errors import BadInput
from reporting.programme.model import Programme, Unit
from reporting.states import Channel, ContactRole
from reporting.vietnamese.working_days import add_working_days

_MOST_CORRECTIONS = 3  # a department does not answer for ever
_GREETING = "Kính gửi Văn phòng Quốc gia về giảm nghèo,\n\n"
_CLOSING = "\n\nTrân trọng./.\n\n(Thư của Sở được mô phỏng trong bản diễn tập; số liệu là giả định.)\n"

Step = tuple[str, Callable[[str], Letter]]  # a name, and how the mail of that name is written

has_marks = cache(workbook.has_marks)  # a mailbox is looked through every day


@dataclass(frozen=True)
class Parcel:
    """What a department hands over by document exchange."""

    document: Path
    values: Path | None


@dataclass(frozen=True)
class DepartmentAtWork:
    """A department with its mailboxes; its part is a row of the scenario."""

    programme: Programme
    scenario: Scenario
    letterbox: Letterbox
    office_address: str
    department: Department
    unit: Unit
    addresses: Mapping[str, str]  # by role

    def due(self, day: date) -> Iterator[Letter]:
        """The mails this department has to send by ``day`` and has not sent."""
        forms = self._forms()
        for step, write in (*self._report(day, forms), *self._asides(day), *self._answers(day, forms)):
            if not self.letterbox.has_sent(self.unit.code, step):
                yield write(step)

    def parcel(self, folder: Path) -> Parcel:
        """The signed document, and the form where it goes the same way, as files; again the same files.

        Raises BadInput when the form has not reached the department yet.
        """
        folder.mkdir(parents=True, exist_ok=True)
        document = folder / "van-ban.pdf"
        if not document.exists():
            write_durably(document, self._files.paper().content)
        if self.department.figures_by != Channel.EXCHANGE:
            return Parcel(document, None)
        values = folder / "bieu-so-lieu.xlsx"
        if not values.exists():
            write_durably(
                values, self._files.filled(self._blank_form(), self._first_answers(), with_document=True)
            )
        return Parcel(document, values)

    # --- what is sent of its own accord ---------------------------------------------------------

    def _report(self, day: date, forms: list[Incoming]) -> Iterator[Step]:
        """Signed document and figures, together or apart."""
        own, request = self.department, forms[0] if forms else None
        if own.document_by == Channel.EMAIL and not own.comes_together and day >= own.document_on:
            yield "document", partial(self._signed, request=request, with_form=False)
        if own.figures_by != Channel.EMAIL or request is None or day < own.figures_on:
            return
        if own.comes_together:
            yield "report", partial(self._signed, request=request, with_form=True)
        else:
            yield "figures", partial(self._figures, mail=request, is_draft=own.document_on > own.figures_on)

    def _signed(self, step: str, *, request: Incoming | None, with_form: bool) -> Letter:
        """A mail that brings the signed document. Its subject and text name no other document."""
        cited = f"{self._document.title} ngày {self._document.dated:%d/%m/%Y}"
        what = "và biểu số liệu" if with_form else "kèm theo văn bản đã ký"
        forms = []
        if with_form and request is not None:
            forms.append(self._files.form(request, self._first_answers(), with_document=True))
        text = f"{self._name} gửi {cited}, {what}."
        files = (*forms, self._files.paper())
        return self._letter(step, request, self._address, f"{cited} của {self._name}", text, files)

    def _figures(self, step: str, *, mail: Incoming, is_draft: bool) -> Letter:
        """A mail with the form alone: before the document was signed, or after it was sent."""
        text = "Sở gửi biểu số liệu kèm theo báo cáo đã gửi trước."
        if is_draft:
            text = "Sở gửi trước biểu số liệu; văn bản ký, đóng dấu sẽ gửi sau."
        form = self._files.form(mail, self._first_answers(), with_document=not is_draft)
        return self._letter(step, mail, self._address, f"Re: {mail.subject}", text, (form,))

    def _asides(self, day: date) -> Iterator[Step]:
        """An absence notice of the officer's mailbox; a report that a server delivers twice."""
        if self.department.also == "absence":
            mails = self.letterbox.received_by([self.addresses[ContactRole.OFFICER]])
            if mails and mails[0].received_on < day:
                yield "absence", partial(self._absence, mail=mails[0])
        elif self.department.also == "twice" and day > self.department.figures_on:
            if self.letterbox.has_sent(self.unit.code, "report"):
                yield "report-again", self._report_again

    def _absence(self, step: str, *, mail: Incoming) -> Letter:
        text = "Tôi đi công tác, không đọc thư thường xuyên. Việc gấp xin liên hệ hộp thư chung của Sở."
        notice = self._letter(
            step,
            mail,
            self.addresses[ContactRole.OFFICER],
            f"Trả lời tự động: Vắng mặt ({mail.subject})",
            text,
            (),
        )
        return replace(notice, is_automatic=True)

    def _report_again(self, step: str) -> Letter:
        sent = self.letterbox.bytes_sent(self.unit.code, "report")
        to = self.letterbox.recipient_of(self.unit.code, "report")
        return Letter(self.unit.code, step, (self._name, self._address), to, "", "", same_as=sent)

    # --- what answers a mail of the office ------------------------------------------------------

    def _answers(self, day: date, forms: list[Incoming]) -> Iterator[Step]:
        """Answers to correction requests and to the supplement, some working days after they came."""
        corrections = 0
        for mail in forms[1:]:
            is_marked = has_marks(mail.workbook or b"")
            if is_marked is None:
                continue
            if is_marked:
                corrections += 1
                if corrections > _MOST_CORRECTIONS:
                    continue
                kind, after = "correction", self.department.corrects_after
            else:
                kind, after = "supplement", self.department.supplement_after
            if day >= add_working_days(mail.received_on, after or 2):
                step = f"{kind}-{mail.workbook_sha256[:12]}"
                yield step, partial(self._answer, mail=mail, day=day)

    def _answer(self, step: str, *, mail: Incoming, day: date) -> Letter:
        """The workbook that came, with the true answers in it; from the address it came to."""
        what = "đã rà soát" if step.startswith("correction") else "đã bổ sung số liệu"
        form = self._files.form(mail, self._true_answers, with_document=day >= self.department.document_on)
        text = f"Sở gửi biểu {what}."
        return self._letter(step, mail, mail.recipient, f"Re: {mail.subject}", text, (form,))

    # --- mails ----------------------------------------------------------------------------------

    def _letter(
        self,
        step: str,
        mail: Incoming | None,
        sender: str,
        subject: str,
        text: str,
        attachments: tuple[Attached, ...],
    ) -> Letter:
        """A mail in answer to ``mail``; without one, to the office's own address."""
        return Letter(
            self.unit.code,
            step,
            (self._name, sender),
            mail.reply_to if mail else self.office_address,
            subject,
            f"{_GREETING}{text}{_CLOSING}",
            attachments,
            mail.message_id if mail else None,
        )

    @property
    def _document(self) -> Paper:
        return self.scenario.papers[self.unit.code]

    @property
    def _address(self) -> str:
        sender = self.department.sender
        if "@" in sender:
            return sender
        return self.addresses[ContactRole.OFFICER if sender == ContactRole.OFFICER else ContactRole.ROLE_BOX]

    @cached_property
    def _name(self) -> str:
        return self.programme.department(self.unit, self.department.document_on)

    def _forms(self) -> list[Incoming]:
        """The mails with a form, oldest first; one that came to both mailboxes once."""
        mails = self.letterbox.received_by(self.addresses.values())
        first: dict[str, Incoming] = {}
        for mail in mails:
            if mail.workbook is not None:
                first.setdefault(mail.workbook_sha256, mail)
        return list(first.values())

    @cached_property
    def _files(self) -> DepartmentFiles:
        return DepartmentFiles(
            self.programme, self.scenario, self.unit, self._name, officer=self.addresses["officer"]
        )

    def _blank_form(self) -> Incoming:
        forms = self._forms()
        if not forms:
            raise BadInput(f"{self._name} chưa nhận được biểu của kỳ báo cáo.")
        return forms[0]

    @cached_property
    def _true_answers(self) -> dict[str, Value]:
        return values_of(self.programme, self.scenario.cycle, self.unit.code, self.scenario.folder)

    def _first_answers(self) -> dict[str, Value]:
        mistake = self.department.mistake
        return with_mistake(self._true_answers, mistake) if mistake else self._true_answers
