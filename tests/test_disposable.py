"""Packets that no other picture needs, against what FFmpeg decodes without them."""

from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest

from analysis.disposable import disposable
from analysis.film import pick_frames
from tests.clips import even_times, write_clip

LENGTHS_OF_4 = {"h264": b"\x01\x64\x00\x1f\xff", "hevc": b"\x01" + bytes(20) + b"\x03"}


def packets_of(path: Path) -> Iterator[tuple[bytes, int]]:
    """Yield the packets of a film with their times in ticks."""
    with av.open(str(path)) as film:
        for packet in film.demux(video=0):
            if packet.pts is not None:
                yield bytes(packet), packet.pts


def told(path: Path) -> tuple[list[bool], list[int]]:
    """Say of each packet whether it can go, and its time in ticks."""
    with av.open(str(path)) as film:
        codec = film.streams.video[0].codec_context
        name, extradata = codec.codec.canonical_name, codec.extradata
    packets, ticks = zip(*packets_of(path), strict=True)
    return disposable(packets, codec=name, extradata=extradata), list(ticks)


@pytest.mark.parametrize("codec", ["libx264", "libx265"])
def test_the_rest_decodes_to_the_same_pictures(tmp_path: Path, codec: str) -> None:
    """Half of a film with B-frames can go, and not a bit changes in the other half."""
    path = write_clip(
        tmp_path / "a.mp4",
        times_s=even_times(60, fps=30),
        codec=codec,
        codec_options={"bf": "3", "x265-params": "bframes=3:log-level=error"},
    )
    spare, ticks = told(path)
    assert 20 < sum(spare) < 45
    gone = {tick for tick, is_spare in zip(ticks, spare, strict=True) if is_spare}

    def decoded(left_out: set[int]) -> dict[int, np.ndarray]:
        with av.open(str(path)) as film:
            packets = [p for p in film.demux(video=0) if p.pts not in left_out]
            shown = [picture for packet in packets for picture in packet.decode()]
        return {picture.pts: picture.to_ndarray() for picture in shown}

    whole, rest = decoded(set()), decoded(gone)
    assert set(rest) == set(whole) - gone
    for tick, picture in rest.items():
        np.testing.assert_array_equal(picture, whole[tick])


def test_pictures_that_others_need_stay(tmp_path: Path) -> None:
    """Without B-frames each picture is made of the one before."""
    path = write_clip(tmp_path / "a.mp4", times_s=even_times(30, fps=30), codec_options={"bf": "0"})
    assert not any(told(path)[0])


@pytest.mark.parametrize(
    ("codec", "packet", "expected"),
    [
        ("h264", b"\x00\x00\x00\x02\x01\xaa", True),
        ("h264", b"\x00\x00\x00\x02\x41\xaa", False),
        # What comes before the picture: a delimiter, a message.
        ("h264", b"\x00\x00\x00\x02\x09\xf0" b"\x00\x00\x00\x02\x01\xaa", True),
        ("h264", b"\x00\x00\x00\x03\x06\x05\x01" b"\x00\x00\x00\x02\x41\xaa", False),
        ("hevc", b"\x00\x00\x00\x03\x00\x01\xaa", True),
        ("hevc", b"\x00\x00\x00\x03\x02\x01\xaa", False),
        # Nothing that could be read, a length beyond the end, a length of nothing.
        ("h264", b"", False),
        ("h264", b"\xff\xff\xff\xff\x09\x00", False),
        ("h264", bytes(64), False),
        ("vp9", b"\x00\x00\x00\x02\x01\xaa", False),
    ],
)  # fmt: skip
def test_headers(codec: str, packet: bytes, expected: bool) -> None:
    """What the first unit with a part of the picture says."""
    assert disposable([packet], codec=codec, extradata=LENGTHS_OF_4.get(codec)) == [expected]


def test_only_the_highest_layer_of_hevc() -> None:
    """A picture of a lower layer may be what higher ones are made of."""
    low, high = b"\x00\x00\x00\x03\x00\x01\xaa", b"\x00\x00\x00\x03\x00\x02\xaa"
    told = disposable([low, high], codec="hevc", extradata=LENGTHS_OF_4["hevc"])
    assert told == [False, True]


def test_without_lengths_nothing_is_told() -> None:
    """Start codes, as in transport streams, or no word of the coding at all."""
    packet = b"\x00\x00\x00\x02\x01\xaa"
    for extradata in (None, b"", b"\x00\x00\x00\x01\x67"):
        assert disposable([packet], codec="h264", extradata=extradata) == [False]


def test_picked_frames_are_even_but_for_one_place() -> None:
    """The second of an interval is taken where only it is needed; the first frame always."""
    times_s = np.arange(12) / 120
    needed = np.zeros(12, dtype=bool)
    needed[[5, 8, 9]] = True
    picked = pick_frames(times_s, needed, fps=120.0, max_fps=30.0)
    assert np.flatnonzero(picked).tolist() == [0, 5, 8]
