"""The agencies as every Word template can name them."""

from typing import Any

from reporting.programme.model import Agency
from reporting.word.filling import plain


def agency_words(agency: Agency) -> dict[str, Any]:
    """What a template can name of an agency."""
    return {
        "ten": plain(agency.name),
        "hoa": plain(agency.name).upper(),
        "viet_tat": plain(agency.short_name),
        "ky_hieu": plain(agency.symbol or ""),
        "cap_tren": plain(agency.parent or ""),
        "cap_tren_hoa": plain(agency.parent or "").upper(),
        "dia_danh": plain(agency.place or "Hà Nội"),
        "chuc_danh": [plain(line) for line in agency.signature],
        "nguoi_ky": plain(agency.signer or ""),
        "noi_nhan": [plain(line) for line in agency.recipients],
        "dau_moi": plain(agency.contact_name or ""),
        "dien_thoai": plain(agency.contact_telephone or ""),
    }
