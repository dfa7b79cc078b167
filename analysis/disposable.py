"""Which packets of a film may be left out without harm to any other picture.

Phones and encoders write pictures that no other one is made of: every second one of a
film with B-frames, and three of four in slow motion. Where a film is thinned anyway,
those need not be decoded.

Notes
-----
Read from the headers of ITU-T H.264 (7.3.1, 7.4.1) and H.265 (7.3.1.2, 7.4.2.2): a
picture of H.264 with ``nal_ref_idc`` 0, and one of H.265 in the highest of its temporal
layers whose type ends in ``_N``.
"""

from collections.abc import Iterator, Sequence
from typing import Final

# Types of units that hold a part of a picture, and of the pictures of H.265 that are no
# reference in their layer.
_H264_SLICES: Final = range(1, 6)
_H265_SLICES: Final = range(32)
_H265_NO_REFERENCE: Final = range(0, 16, 2)


def disposable(packets: Sequence[bytes], *, codec: str, extradata: bytes | None) -> list[bool]:
    """Tell of each packet whether it can be left out.

    Parameters
    ----------
    packets : sequence of bytes
        The beginnings of all packets of a film.
    codec : str
        Canonical name by FFmpeg. Other codecs than h264 and hevc have no such packets.
    extradata : bytes or None
        What the container says about the coding: how long the lengths of units are.

    Returns
    -------
    list of bool
        False where it cannot be told.
    """
    length_bytes = _length_bytes(codec, extradata)
    if length_bytes is None:
        return [False] * len(packets)
    units = [_first_slice(packet, codec, length_bytes) for packet in packets]
    if codec == "h264":
        return [unit is not None and (unit[0] >> 5) & 3 == 0 for unit in units]
    highest = max((unit[1] & 7 for unit in units if unit is not None), default=0)
    return [
        unit is not None and unit[1] & 7 == highest and _h265_type(unit) in _H265_NO_REFERENCE
        for unit in units
    ]


def _length_bytes(codec: str, extradata: bytes | None) -> int | None:
    """How many bytes tell the length of a unit (avcC, hvcC); None where start codes part them."""
    at = {"h264": 4, "hevc": 21}.get(codec)
    if at is None or extradata is None or len(extradata) <= at or extradata[0] != 1:
        return None
    return (extradata[at] & 3) + 1


def _first_slice(packet: bytes, codec: str, length_bytes: int) -> bytes | None:
    """Return the header, two bytes, of the first unit with a part of the picture.

    All parts of a picture agree on what is asked here.
    """
    for header in _headers(packet, length_bytes):
        is_slice = (
            header[0] & 31 in _H264_SLICES
            if codec == "h264"
            else _h265_type(header) in _H265_SLICES
        )
        if is_slice:
            return header
    return None


def _headers(packet: bytes, length_bytes: int) -> Iterator[bytes]:
    at = 0
    while at + length_bytes + 2 <= len(packet):
        length = int.from_bytes(packet[at : at + length_bytes])
        at += length_bytes
        yield packet[at : at + 2]
        at += max(length, 1)


def _h265_type(header: bytes) -> int:
    return (header[0] >> 1) & 63
