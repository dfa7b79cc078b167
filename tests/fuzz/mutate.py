"""Ways to break a file: each number is one case, the same on every machine."""

import numpy as np

from tests.clips import box

# Numbers that headers are wrong about in the worst way.
_EVIL = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
_PATHS = (b"file:///etc/passwd", b"canary.mov", b"http://127.0.0.1:9/x", b"concat:canary.mov|x")
# Marks at which the parts of a container begin.
_MARKS = (
    b"moov", b"trak", b"mdia", b"stbl", b"stsd", b"stts", b"stsz", b"stco", b"ctts", b"mdat",
    b"tkhd", b"mvhd", b"elst", b"avcC", b"hvcC", b"av1C", b"vpcC", b"ftyp", b"free", b"udta",
    b"LIST", b"RIFF", b"idx1", b"strh", b"strf", b"movi", b"\x1a\x45\xdf\xa3", b"\x16\x54\xae\x6b",
    b"\x1f\x43\xb6\x75", b"\xff\xd8", b"\xff\xc0", b"\xff\xda", b"IHDR", b"IDAT", b"\0\0\1",
)  # fmt: skip


def mutated(seeds: dict[str, bytes], case: int) -> tuple[str, bytes]:
    """Return the name of the seed of a case, and its file."""
    rng = np.random.default_rng(case)
    name = sorted(seeds)[case % len(seeds)]
    content = bytearray(seeds[name])
    # Half of them hurt a little, so that they get far into decoder and analysis.
    if rng.random() < 0.5:
        return name, bytes(_flip_bits(content, rng, seeds))
    for _ in range(int(rng.integers(1, 4))):
        content = _WAYS[int(rng.integers(len(_WAYS)))](content, rng, seeds)
    return name, bytes(content)


Seeds = dict[str, bytes]
Rng = np.random.Generator


def _place(content: bytearray, rng: Rng) -> int:
    """Choose a place: anywhere, or just behind the beginning of a part."""
    if rng.random() < 0.5:
        mark = _MARKS[int(rng.integers(len(_MARKS)))]
        found = content.find(mark, int(rng.integers(max(1, len(content)))))
        found = found if found >= 0 else content.find(mark)
        if found >= 0:
            return min(found + int(rng.integers(-4, 40)), len(content)) if found else 0
    return int(rng.integers(len(content) + 1))


def _flip_bits(content: bytearray, rng: Rng, seeds: Seeds) -> bytearray:
    for _ in range(int(rng.integers(1, 30))):
        at = max(0, min(_place(content, rng), len(content) - 1))
        if content:
            content[at] ^= 1 << int(rng.integers(8))
    return content


def _write_evil_number(content: bytearray, rng: Rng, seeds: Seeds) -> bytearray:
    value, size = _EVIL[int(rng.integers(len(_EVIL)))], int(rng.choice([1, 2, 4, 8]))
    order = "big" if rng.random() < 0.7 else "little"
    number = (value & (256**size - 1)).to_bytes(size, order)  # type: ignore[arg-type]
    at = max(0, _place(content, rng))
    content[at : at + size] = number
    return content


def _cut_off(content: bytearray, rng: Rng, seeds: Seeds) -> bytearray:
    return content[: int(rng.integers(len(content) + 1))]


def _cut_out(content: bytearray, rng: Rng, seeds: Seeds) -> bytearray:
    at = max(0, _place(content, rng))
    del content[at : at + int(rng.integers(1, 200))]
    return content


def _repeat(content: bytearray, rng: Rng, seeds: Seeds) -> bytearray:
    at = max(0, _place(content, rng))
    part = content[at : at + int(rng.integers(1, 400))]
    content[at:at] = part * int(rng.integers(1, 30))
    return content


def _fill(content: bytearray, rng: Rng, seeds: Seeds) -> bytearray:
    at, size = max(0, _place(content, rng)), int(rng.integers(1, 300))
    content[at : at + size] = rng.bytes(size) if rng.random() < 0.5 else bytes(size)
    return content


def _splice(content: bytearray, rng: Rng, seeds: Seeds) -> bytearray:
    """Continue with another file, as a film cut from two."""
    other = seeds[sorted(seeds)[int(rng.integers(len(seeds)))]]
    at = int(rng.integers(len(other)))
    return content[: max(0, _place(content, rng))] + bytearray(other[at:])


def _put_path(content: bytearray, rng: Rng, seeds: Seeds) -> bytearray:
    """Name another file, bare or in a box that may hold one."""
    path = _PATHS[int(rng.integers(len(_PATHS)))]
    kind = (b"url ", b"alis", b"dref", b"rdrf")[int(rng.integers(4))]
    at = max(0, _place(content, rng))
    content[at:at] = path if rng.random() < 0.3 else box(kind, bytes(4), path + b"\0")
    return content


def _put_playlist(content: bytearray, rng: Rng, seeds: Seeds) -> bytearray:
    heads = (
        b"ffconcat version 1.0\nfile canary.mov\n",
        b"#EXTM3U\n#EXTINF:1,\ncanary.mov\n",
        b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY e SYSTEM 'canary.mov'>]><MPD>&e;</MPD>",
    )
    return bytearray(heads[int(rng.integers(3))]) + content


_WAYS = (
    _flip_bits, _flip_bits, _flip_bits, _write_evil_number, _write_evil_number,
    _write_evil_number, _cut_off, _cut_out, _repeat, _fill, _splice, _put_path, _put_playlist,
)  # fmt: skip
