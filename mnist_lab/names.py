"""Names of files, which may hold anything, as text that can be shown."""

import re
import unicodedata

RAW = re.compile("[\ud800-\udfff]+")  # in a name: bytes that are no text
UNSEEN = re.compile("[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")  # they turn a line round


def readable(line: str) -> str:
    """A line with names of files in it as it can be shown, and written as UTF-8.

    It is composed (NFC). A byte that is no UTF-8 is shown as Windows-1252 has it, which older
    systems wrote; what would steer a terminal, or turn the line round, as U+FFFD.
    """
    line = unicodedata.normalize("NFC", RAW.sub(_decode_raw, line))
    plain = UNSEEN.sub("\ufffd", line)
    return "".join("\ufffd" if unicodedata.category(each) == "Cc" else each for each in plain)


def _decode_raw(found: re.Match[str]) -> str:
    """Bytes that Python could not decode in a name, as Windows-1252 has them."""
    raw = bytes(ord(each) & 0xFF if "\udc80" <= each <= "\udcff" else 0 for each in found[0])
    return raw.decode("cp1252", "replace")
