"""Figures that come after accepted ones: a person says on what basis they are taken in (PRACTICE P17)."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from reporting.errors import BadInput
from reporting.programme.units import rows_after, rows_before
from reporting.received import submissions
from reporting.replies import corrections
from reporting.replies.reading.kept_files import ReplyFile
from reporting.requests.supplements import supplement_is_awaited
from reporting.store.tables import Cycle, Submission, UnitRow


class NeedsBasis(BadInput):
    """Figures come after accepted ones, and nobody said on what basis (PRACTICE P17)."""


def accepted_before(session: Session, cycle: Cycle, unit: UnitRow, form_sha256: str) -> Submission | None:
    """The accepted version that a new form comes after without having been asked for.

    A person has to say on what basis it is taken in (PRACTICE P17). None when nothing was accepted
    yet, a correction or supplement is awaited, or it is the same form.
    """
    current = submissions.latest(session, cycle, unit)
    if current is None or current.form_sha256 == form_sha256:
        return None
    if submissions.open_errors(current) or not submissions.has_document(session, cycle, unit):
        return None
    is_asked_for = supplement_is_awaited(session, cycle, unit, current)
    return None if is_asked_for or corrections.is_awaited(session, cycle, unit, current) else current


def accepted_beside(session: Session, cycle: Cycle, unit: UnitRow) -> list[str]:
    """The names of the parts of a later unit whose own figures in the cycle are accepted already.

    Its form would take their place: a person says on what basis.
    """
    if unit.valid_from <= cycle.period_end:
        return []
    return [
        part.name
        for part in rows_before(session, unit)
        if (current := submissions.latest(session, cycle, part)) is not None
        and not submissions.open_errors(current)
        and submissions.has_document(session, cycle, part)
    ]


def joint_form_of(session: Session, cycle: Cycle, unit: UnitRow) -> Submission | None:
    """The later unit's form that counts for this one: while it does, none of a part is taken in."""
    later = (submissions.latest(session, cycle, row) for row in rows_after(session, unit))
    return next((submission for submission in later if submission is not None), None)


def ask_for_basis(
    session: Session, cycle: Cycle, unit: UnitRow, parts: Sequence[ReplyFile], why: str | None
) -> None:
    """Raises NeedsBasis when figures come after accepted ones and nobody says on what basis."""
    form = next((part for part in parts if part.form is not None), None)
    current = accepted_before(session, cycle, unit, form.attachment.blob_sha256) if form else None
    if form is not None and (joint := joint_form_of(session, cycle, unit)) is not None:
        raise BadInput(
            f"Số liệu của {unit.name} đã có trong biểu chung của {joint.unit.name}: muốn nhận biểu riêng, "
            f"trước hết hủy biểu chung bằng 'kybaocao record undo {joint.reply_id}'."
        )
    if form is not None and why is None and (others := accepted_beside(session, cycle, unit)):
        raise NeedsBasis(
            f"Số liệu riêng của {', '.join(others)} đã được chấp nhận: muốn nhận biểu chung này thay cho "
            "các biểu đó, hãy ghi căn cứ bằng --why."
        )
    if current is not None and why is None:
        raise NeedsBasis(
            f"{unit.name} đã có bản số liệu {current.version} được chấp nhận (nhận ngày "
            f"{current.received_on:%d/%m/%Y}): muốn nhận thêm bản này, hãy ghi căn cứ bằng --why "
            "(ví dụ: công văn đính chính số … ngày …)."
        )
