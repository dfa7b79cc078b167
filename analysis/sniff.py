"""What the bytes of an upload say before any film library touches them.

FFmpeg answers "invalid data" to a photo, a playlist and half a film alike. A
lifter needs to hear which it is, so the plain cases are told apart here from
the first bytes and from the sizes that the container itself declares.
"""

import codecs
from io import FileIO
from typing import Final

from analysis.errors import UnreadableError

#: Reason id -> the one sentence for the lifter.
SENTENCES: Final[dict[str, str]] = {
    "no_file": "The file could not be opened. Please upload the clip again.",
    "empty_file": "This file is empty. Please upload the clip again.",
    "too_many_bytes": "This file is larger than {limit_mb} MB. Please cut the clip to one set.",
    "too_many_pixels": (
        "The picture of this film is larger than 4K. Please upload it in 4K or less."
    ),
    "not_video": (
        "This file could not be read as a video. Please upload the clip as it came from the phone."
    ),
    "text_file": "This file holds text and no film. Please upload the clip itself.",
    "playlist": (
        "This file only names other files and holds no film. Please upload the clip itself."
    ),
    "still_picture": "This is a photo and not a film. Please upload a video of the squat.",
    "no_picture": "This file holds sound but no picture. Please upload the video of the squat.",
    "unknown_codec": (
        "This kind of video ({codec}) is not supported. "
        "Please save the clip as MP4 (H.264) and upload it again."
    ),
    "broken_off": (
        "This file is not complete: its upload or copy broke off. Please copy the clip again."
    ),
    "no_frames": (
        "Not one picture of this video could be read. "
        "Please upload the clip as it came from the phone."
    ),
}

# Enough for every magic number and for telling text from film.
_HEAD_BYTES: Final = 4096

# Nobody's phone writes more boxes than this at the top level: even a
# fragmented film has two a second. It bounds the walk over a hostile file.
_MAX_TOP_BOXES: Final = 20_000

# Brands of ISO/IEC 23008-12 (HEIF) and AVIF: photos in the container of films.
_PHOTO_BRANDS: Final = frozenset(
    {b"heic", b"heix", b"heim", b"heis", b"mif1", b"mif2", b"avif", b"avis"}
)

_FIRST_BOXES: Final = frozenset(
    {b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot", b"uuid", b"styp", b"moof"}
)

_PHOTO_MAGIC: Final = (
    b"\xff\xd8\xff",  # JPEG
    b"\x89PNG\r\n\x1a\n",
    b"GIF87a",
    b"GIF89a",
    b"II*\x00",  # TIFF and most raw photos
    b"MM\x00*",
    b"BM",  # BMP
)

_SOUND_MAGIC: Final = (b"ID3", b"fLaC", b"OggS")

_EBML_MAGIC: Final = b"\x1a\x45\xdf\xa3"
_SEGMENT_MAGIC: Final = b"\x18\x53\x80\x67"


def unreadable(reason: str, **values: object) -> UnreadableError:
    """Make the error for a reason of `SENTENCES`, filling in its values."""
    return UnreadableError(reason, SENTENCES[reason].format(**values))


def ends_early(file: FileIO, *, size_bytes: int) -> bool:
    """Refuse what is plainly no film, and say whether a film breaks off.

    Parameters
    ----------
    file : FileIO
        Open for reading; its position is moved.
    size_bytes : int
        The size of the file.

    Returns
    -------
    bool
        Whether the file ends before its container says that it does.
        Containers that declare no size (live recordings, MPEG transport
        streams) never do.

    Raises
    ------
    UnreadableError
        With the reason ``empty_file``, ``text_file``, ``playlist``,
        ``still_picture``, ``no_picture`` or ``broken_off``.
    """
    if size_bytes == 0:
        raise unreadable("empty_file")
    file.seek(0)
    head = file.read(_HEAD_BYTES)
    _refuse_other_media(head)
    if head[4:8] in _FIRST_BOXES:
        return _mp4_ends_early(file, size_bytes=size_bytes)
    if head.startswith(_EBML_MAGIC):
        end = _segment_end(head)
        return end is not None and end > size_bytes
    if head.startswith(b"RIFF"):
        # A recorder that died leaves 0 here; then nothing is declared.
        declared_bytes = int.from_bytes(head[4:8], "little")
        return declared_bytes > 0 and declared_bytes + 8 > size_bytes
    return False


def _refuse_other_media(head: bytes) -> None:
    """Refuse photos, sound and text by their first bytes."""
    riff_kind = head[8:12] if head.startswith(b"RIFF") else b""
    is_photo_box = head[4:8] == b"ftyp" and head[8:12] in _PHOTO_BRANDS
    if head.startswith(_PHOTO_MAGIC) or riff_kind == b"WEBP" or is_photo_box:
        raise unreadable("still_picture")
    if head.startswith(_SOUND_MAGIC) or riff_kind == b"WAVE":
        raise unreadable("no_picture")
    text = _as_text(head)
    if text is not None:
        raise unreadable("playlist" if _names_files(text) else "text_file")


def _as_text(head: bytes) -> str | None:
    """Return the head as text, or None if it holds bytes that no text holds."""
    try:
        # Incremental: a character may be cut in two at the end of the head.
        text = codecs.getincrementaldecoder("utf-8-sig")().decode(head)
    except UnicodeDecodeError:
        return None
    is_text = all(char.isprintable() or char in "\t\r\n\f" for char in text)
    return text if is_text else None


def _names_files(text: str) -> bool:
    """Whether a text is one of the lists of files that players understand."""
    start = text.lstrip().lower()
    return start.startswith(("#extm3u", "ffconcat", "file ", "[playlist]")) or "<mpd" in start


def _mp4_ends_early(file: FileIO, *, size_bytes: int) -> bool:
    """Walk the top-level boxes of an MP4 or MOV (ISO/IEC 14496-12, 4.2)."""
    offset = 0
    has_index = False
    for _ in range(_MAX_TOP_BOXES):
        if offset + 8 > size_bytes:
            break
        file.seek(offset)
        header = file.read(16)
        box_bytes, kind = int.from_bytes(header[:4], "big"), header[4:8]
        if box_bytes == 1:  # the size stands in 64 bits behind the name
            box_bytes = int.from_bytes(header[8:16], "big")
        elif box_bytes == 0:  # up to the end of the file
            box_bytes = size_bytes - offset
        if box_bytes < 8:  # padding or rubbish behind the last box
            break
        offset += box_bytes
        # An index that is itself cut in two is of no use to anybody.
        has_index = has_index or (kind == b"moov" and offset <= size_bytes)
    if not has_index:
        raise unreadable("broken_off")
    return offset > size_bytes


def _segment_end(head: bytes) -> int | None:
    """Where the one segment of a Matroska or WebM file ends (RFC 8794).

    None if the size was left open, as live recordings do.
    """
    start = head.find(_SEGMENT_MAGIC)
    if start < 0 or start + 5 > len(head):
        return None
    at = start + len(_SEGMENT_MAGIC)
    length = 9 - head[at].bit_length()  # leading zeros of the first byte, plus one
    field = head[at : at + length]
    value = int.from_bytes(field, "big") & ((1 << 7 * length) - 1)
    is_open = length > 8 or value == (1 << 7 * length) - 1
    return None if is_open else at + length + value
