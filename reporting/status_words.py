"""The sign and the words of each state, the same on the terminal, the pages and in Prefect."""

from reporting.status import UnitState

# A sign beside the colour: black-and-white print and colour-blind readers need no colour.
SIGNS = {
    UnitState.MISSING: "✕",
    UnitState.UNDER_REVIEW: "?",
    UnitState.DRAFT: "…",
    UnitState.LETTER_ONLY: "…",
    UnitState.NEEDS_CORRECTION: "!",
    UnitState.ACCEPTED: "✓",
    UnitState.ACCEPTED_WITH_WAIVERS: "✓",
    UnitState.PARTIAL: "½",
}
WORDS = {
    UnitState.MISSING: "chưa báo cáo",
    UnitState.UNDER_REVIEW: "đang xem xét",
    UnitState.DRAFT: "đã có số liệu, chờ văn bản ký",
    UnitState.LETTER_ONLY: "đã có văn bản, chờ biểu số liệu",
    UnitState.NEEDS_CORRECTION: "đề nghị rà soát",
    UnitState.ACCEPTED: "đã chấp nhận",
    UnitState.ACCEPTED_WITH_WAIVERS: "chấp nhận có ghi chú",
    UnitState.PARTIAL: "một phần",
}
CYCLE_STATES = {"planned": "đang lập", "open": "đang mở", "closed": "đã khóa sổ"}
