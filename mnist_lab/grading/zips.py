"""What the members of a zip are called, and when they were changed."""

import os
import re
import struct
import zipfile
import zlib
from contextlib import suppress
from datetime import datetime
from hashlib import sha256
from pathlib import Path

MAX_NAME_BYTES = 255  # of a file's name, on most systems
DEVICES = re.compile(r"(?i:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[\d¹²³]) *(?:\..*)?")
UTF8_FLAG, TIMESTAMP, UNICODE_PATH = 0x800, 0x5455, 0x7075  # of the zip format


def decoded_name(entry: zipfile.ZipInfo) -> str:
    """A member's name; where the zip does not say how it is written, UTF-8, Windows' or DOS'."""
    if entry.flag_bits & UTF8_FLAG:
        return entry.filename
    raw = entry.orig_filename.partition("\0")[0].encode("cp437", "replace")
    told = _extra(entry, UNICODE_PATH)
    if told[1:5] == struct.pack("<I", zlib.crc32(raw)):
        raw = told[5:]
    for encoding in ("utf-8", "cp1252" if _is_ansi(raw) else "cp437"):
        with suppress(UnicodeDecodeError):
            return raw.decode(encoding)
    return raw.decode("cp437")


def _is_ansi(raw: bytes) -> bool:
    """Whether a name is Windows-1252, where letters with accents are the last 64; in DOS' none."""
    return all(each < 0x80 or each >= 0xC0 for each in raw)


def _extra(entry: zipfile.ZipInfo, kind: int) -> bytes:
    """A member's extra field of a kind, or b""."""
    rest = entry.extra
    while len(rest) >= 4:
        found, size = struct.unpack("<HH", rest[:4])
        if found == kind:
            return rest[4 : 4 + size]
        rest = rest[4 + size :]
    return b""


def modified(entry: zipfile.ZipInfo) -> float:
    """When a member was changed, in seconds since 1970: by its UTC, else by this machine's zone."""
    told = _extra(entry, TIMESTAMP)
    if len(told) >= 5 and told[0] & 1:
        return float(struct.unpack("<I", told[1:5])[0])
    try:
        return datetime(*entry.date_time).timestamp()  # noqa: DTZ001  a zip's clock has no zone
    except (ValueError, OverflowError, OSError):
        return 0.0


def short_name(part: str) -> str:
    """A name that a file can have: a platform puts its own before one that fills the limit."""
    raw = os.fsencode(part)
    if len(raw) <= MAX_NAME_BYTES:
        return part
    suffix = "".join(Path(part).suffixes[-2:])[-20:]
    return raw[:200].decode(errors="ignore") + "~" + sha256(raw).hexdigest()[:8] + suffix


def member_name(name: str, *, windows: bool) -> str:
    """Where a zip's file may lie below the folder it is unpacked into; "" where it may not.

    Its name has backslashes, where Windows made the zip. If the folder is Windows', that takes
    ``C:`` for a drive wherever it stands, some names for devices, and drops dots and spaces at a
    name's end.
    """
    parts = [part for part in name.replace("\\", "/").split("/") if part not in {"", "."}]
    rooted = name.startswith(("/", "\\")) or re.match(r"[A-Za-z]:[/\\]", name)
    folder = name.endswith(("/", "\\"))
    if rooted or folder or ".." in parts:
        return ""
    return "/".join(map(_windows_name, parts) if windows else parts)


def _windows_name(name: str) -> str:
    """A name that Windows takes as it is."""
    name = re.sub(r'[\x00-\x1f<>:"|?*]', "_", name)
    name = re.sub(r"[. ]+$", lambda end: "_" * len(end[0]), name)
    return f"_{name}" if DEVICES.fullmatch(name) else name
