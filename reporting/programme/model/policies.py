"""How a programme is run: reminders, retention, approval, its words, and by which document it goes on."""

from datetime import date
from typing import Any, Literal

from pydantic import Field, model_validator

from reporting.programme.frozen import Frozen

ONE_GAP = "call_gap_days"
GAPS = ("after_call_days", "between_reminders_days", "before_escalation_days")


class Agency(Frozen):
    """An office or department role with its names for a stretch of time."""

    role: str  # issuer, ministry, counterpart, department
    valid_from: date
    valid_to: date | None = None
    name: str  # Văn phòng Quốc gia về giảm nghèo
    short_name: str
    parent: str | None = None  # the body printed above it in a letter's head
    symbol: str | None = None  # VPQGGN
    place: str | None = None
    signature: tuple[str, ...] = ()  # lines of the signature block
    signer: str | None = None
    recipients: tuple[str, ...] = ()
    # How each recipient is reached (PRACTICE P21); one that is not named: document exchange.
    routes: dict[str, Literal["exchange", "email", "file"]] = Field(default_factory=dict)
    contact_name: str | None = None
    contact_telephone: str | None = None


class ReminderPolicy(Frozen):
    """PRACTICE P14: when a reminder may go out at all."""

    # In working days from the due date; negative is before it.
    offsets: tuple[int, ...] = (-3, 5, 15)
    # For so many days nobody is reminded or rung after a call, nor reminded after a reminder; and so many
    # lie between the last reminder and the draft of the escalation letter.
    after_call_days: int = Field(default=7, ge=0)
    between_reminders_days: int = Field(default=7, ge=0)
    before_escalation_days: int = Field(default=7, ge=0)
    # For so many working days a waiting reply that nothing but its From address says to be a unit's
    # keeps that unit's reminder back.
    doubt_days: int = Field(default=3, ge=0, le=10)
    # The escalation letter is drafted so many working days after the due date, not before the grace is over.
    escalate_after: int = Field(default=20, ge=1)

    @model_validator(mode="before")
    @classmethod
    def _one_number_for_all(cls, content: Any) -> Any:
        """Programmes written before the three gaps were told apart have one number for them."""
        if not isinstance(content, dict) or not isinstance(content.get(ONE_GAP), int):
            return content
        rest = {name: value for name, value in content.items() if name != ONE_GAP}
        return dict.fromkeys(GAPS, content[ONE_GAP]) | rest


class Retention(Frozen):
    """For how many months personal data is kept; figures, forms and signed documents stay for good."""

    incoming: int = Field(default=60, ge=1)  # mails and other files, after their cycle's close
    set_aside: int = Field(default=12, ge=1)  # mails that were ignored or rejected, after receipt
    outgoing: int = Field(default=60, ge=1)  # our mails and whom they went to, after their cycle's close
    calls: int = Field(default=24, ge=1)  # who was spoken to, and what was said, after the close
    contacts: int = Field(default=12, ge=1)  # closed contacts, after their last day


class ApprovalStep(Frozen):
    """One step on a report's way to the signature (PRACTICE P20); the last one is the leader's."""

    id: str = Field(pattern=r"^[a-z][a-z0-9-]*$", max_length=40)
    name: str = Field(min_length=1)


class Words(Frozen):
    """What this programme calls those who report, where a sentence of ours needs a word for them."""

    reporter: str = "đơn vị"  # 56/63 Sở đã gửi báo cáo
    place: str = "đơn vị"  # tổng hợp từ 56/63 địa phương
    you: str = "Quý đơn vị"  # đề nghị Quý Sở rà soát


class Succession(Frozen):
    """The document by which cycles go on after the programme's own end (PRACTICE P24).

    *extends*: the programme itself goes on; *succeeds*: another one, of that name, takes its place.
    """

    kind: Literal["extends", "succeeds"]
    document: str  # 12/QĐ-BNNMT ngày 05/01/2026
    valid_to: date
    name: str | None = None
    short_name: str | None = None


class RegisterCodes(Frozen):
    """The indicators that feed the register of issued programmes (Annex I)."""

    status: str
    numbers: str
    dates: str
    reason: str
