"""How each channel is called wherever people read of it."""

from collections.abc import Mapping

from reporting.states import Channel

CHANNEL_WORDS: Mapping[str, str] = {
    Channel.EMAIL: "thư điện tử",
    Channel.DROP: "thư mục nhận tệp",
    Channel.EXCHANGE: "trục liên thông",
    Channel.EOFFICE: "eOffice",
    Channel.PAPER: "văn bản giấy",
    Channel.IMPORT: "nhập từ tệp số liệu",
}
