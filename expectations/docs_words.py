"""Great Expectations' fixed words on its pages, in Vietnamese. It has no translations of its own."""

import re

_WORDS = {
    "Overview": "Tổng quan",
    "Expectation Suite:": "Bộ quy tắc:",
    "Expectation Suite": "Bộ quy tắc",
    "Expectation Suites": "Bộ quy tắc",
    "Expectation Suite Name": "Bộ quy tắc",
    "Status:": "Kết quả:",
    "Status": "Kết quả",
    "Failed": "có điểm cần xem",
    "Succeeded": "không có điểm nào",
    "Success": "không có điểm nào",
    "Statistics": "Thống kê",
    "Evaluated Expectations": "Quy tắc đã chạy",
    "Successful Expectations": "Quy tắc không tìm thấy gì",
    "Unsuccessful Expectations": "Quy tắc có điểm cần xem",
    "Success Percent": "Tỷ lệ quy tắc không tìm thấy gì",
    "Table-Level Expectations": "Từng quy tắc",
    "Expectation": "Quy tắc",
    "Observed Value": "Số đơn vị",
    "Sampled Unexpected Values": "Đơn vị",
    "Unexpected Value": "Đơn vị",
    "Validation Results": "Các lượt kiểm tra",
    "Run Time": "Lúc chạy",
    "Run Name": "Lượt chạy",
    "Asset Name": "Dữ liệu",
    "Batch ID": "Tóm tắt",
    "Data Docs": "Từng quy tắc kiểm tra và kết quả",
    "Notes": "Ghi chú",
    "Info": "Thông tin",
    "Great Expectations Version": "Phiên bản Great Expectations",
}
_FOUND = re.compile(
    r"(?P<count>[\d,.]+) unexpected values found\. (?P<percent>[^%<]*%) of (?P<rows>[\d,.]+) total rows\."
)
_ASSET = re.compile(r"<br>\s*Data asset: [^<]*(?=<br>)")  # the frame in memory, which has no name
_PERCENT = re.compile(r"(?<=\d)\.(?=\d+%)")
_TEXT = re.compile(r">([^<>]+)<")


def in_vietnamese(page: str) -> str:
    """The page with the library's words between its tags replaced; ours are not among them."""
    page = _TEXT.sub(lambda match: f">{_translated(match[1])}<", _ASSET.sub("", page))
    return _PERCENT.sub(",", _FOUND.sub(r"\g<count>/\g<rows> đơn vị (\g<percent>)", page))


def _translated(text: str) -> str:
    stripped = text.strip()
    return text.replace(stripped, _WORDS[stripped]) if stripped in _WORDS else text
