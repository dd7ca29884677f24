"""What a kernel says is counted on its way to the grader."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_lab.grading import relay
from mnist_lab.grading.relay import COMMAND, LONG, MORE, Meter, TooMuch

GREETING = b"\xff" + bytes(8) + b"\x7f\x03" + bytes(53)
LENGTHS = st.lists(st.integers(0, 400), min_size=1, max_size=relay.MAX_FRAMES)


def frames(lengths: list[int], flags: int = 0) -> bytes:
    """One message, as ZMTP frames it."""
    said = b""
    for at, length in enumerate(lengths):
        more = MORE * (at < len(lengths) - 1) | flags
        head = (
            bytes([more | LONG]) + length.to_bytes(8, "big")
            if length > 255
            else bytes([more, length])
        )
        said += head + bytes(length)
    return said


def said_in_pieces(said: bytes, cuts: list[int]) -> None:
    """Count what is said, cut anywhere."""
    meter, start = Meter(), 0
    for end in [*sorted(cut % len(said) for cut in cuts), len(said)]:
        meter.count(said[start:end])
        start = end


@given(st.lists(LENGTHS, max_size=4), st.lists(st.integers(0, 10**6), max_size=20))
def test_messages_within_the_bounds_pass_however_they_are_cut(messages, cuts):
    """Each has bounds of its own, wherever the stream is cut, with commands between and within."""
    command = frames([20], COMMAND)
    said_in_pieces(GREETING + command + b"".join(frames(each) + command for each in messages), cuts)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (frames([0] * (relay.MAX_FRAMES + 1)), "parts"),
        (frames([relay.MAX_MESSAGE_BYTES // 50] * 51), "more than 6 MB"),
        (bytes([LONG]) + (2**63).to_bytes(8, "big"), "more than 6 MB"),
        (bytes([COMMAND | LONG]) + (2**40).to_bytes(8, "big"), "more than 6 MB"),
        ((bytes([MORE, 0]) + frames([1], COMMAND)) * (relay.MAX_FRAMES + 1), "parts"),
    ],
    ids=["parts", "together", "one frame", "a command", "commands between"],
)
@given(cuts=st.lists(st.integers(0, 10**7), max_size=20))
def test_what_is_too_much_is_cut_before_it_is_passed_on(said, reason, cuts):
    """A message of too many parts or bytes ends the connection, however it comes."""
    with pytest.raises(TooMuch, match=reason):
        said_in_pieces(GREETING + said, cuts)


def test_an_older_protocol_is_not_spoken():
    """Its frames are other ones, and would be counted wrongly."""
    with pytest.raises(TooMuch, match="as no kernel speaks"):
        Meter().count(GREETING[:10] + b"\x01" + GREETING[11:])
