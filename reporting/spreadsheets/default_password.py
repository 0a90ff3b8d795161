"""Workbooks that Excel opens without asking for a password, though their bytes are encrypted.

Protecting a workbook's structure, or setting a password only for changing it, makes Excel encrypt the whole
file under one password that every copy of Excel knows ([MS-XLS] 2.2.9, [MS-OFFCRYPTO] 2.3). To the sender
the file has none, so asking for "a file without a password" would be of no use.
"""

import io

_PASSWORD = "VelvetSweatshop"  # noqa: S105 no secret: it stands in Microsoft's own documents
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def opened(content: bytes) -> bytes:
    """The file as Excel opens it without asking; ``content`` itself where nothing is so encrypted.

    A file under a password of the sender's own comes back as it is, encrypted.
    """
    if not content.startswith(_OLE):
        return content
    from msoffcrypto import OfficeFile  # takes longer to load than most files to read

    plain = io.BytesIO()
    try:
        file = OfficeFile(io.BytesIO(content))
        if not file.is_encrypted():
            return content
        file.load_key(password=_PASSWORD)
        file.decrypt(plain)
    except Exception:  # whatever a broken or strange file makes of the reader
        return content  # as it is: the guard says what is to be said of it
    return plain.getvalue()
