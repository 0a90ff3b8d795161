"""What the files of a report version are called, in the folder they lie in."""

DOCUMENT, PDF = "bao-cao.docx", "bao-cao.pdf"
SLIP = "phieu-trinh.docx"
FIGURES, DATA = "figures.json", "so-lieu.xlsx"
INTERNAL = "phu-luc-noi-bo.pdf"
MANIFEST = "manifest.json"
