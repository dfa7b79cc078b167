"""What is no film, or wants to be more than one: refused, each for its reason."""

import io
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest

from analysis import sniff, source
from analysis.errors import OverLimitError, UnreadableError
from analysis.film import VideoLimits
from analysis.video import FilmReader
from tests.clips import (
    cut_in_half,
    even_times,
    grey,
    index_of,
    with_external_track,
    write_clip,
    write_sound,
)

CANARY = "canary.mov"

FFCONCAT = f"ffconcat version 1.0\nfile {CANARY}\n"
HLS = f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{CANARY}\n#EXT-X-ENDLIST\n"

STRACE = shutil.which("strace")


def reason_of(path: Path, *, limits: VideoLimits | None = None) -> str:
    """Open a file that must be refused; return the reason, check the sentence."""
    with pytest.raises(UnreadableError) as caught:
        FilmReader(path, limits=limits)
    assert caught.value.text.endswith(".")
    assert "\n" not in caught.value.text
    assert "{" not in caught.value.text
    assert str(path) not in caught.value.text
    return caught.value.reason


def still(format_name: str) -> bytes:
    """Encode a photo."""
    codec, pix_fmt = {"jpeg": ("mjpeg", "yuvj420p"), "png": ("png", "rgb24")}[format_name]
    target = io.BytesIO()
    with av.open(target, "w", format="image2pipe") as photo:
        stream = photo.add_stream(codec, rate=1)
        stream.width, stream.height, stream.pix_fmt = 64, 48, pix_fmt
        photo.mux(stream.encode(av.VideoFrame.from_ndarray(grey(0), format="rgb24")))
        photo.mux(stream.encode(None))
    return target.getvalue()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(b"", "empty_file", id="empty"),
        pytest.param(b"3 x 5 at 100 kg, felt fine\n", "text_file", id="text"),
        pytest.param("Kniebeuge schön tief".encode() * 400, "text_file", id="long-text"),
        pytest.param(FFCONCAT.encode(), "playlist", id="ffconcat"),
        pytest.param(b"\xef\xbb\xbf" + FFCONCAT.encode(), "playlist", id="ffconcat-with-mark"),
        pytest.param(HLS.encode(), "playlist", id="hls"),
        pytest.param(b'<?xml version="1.0"?><MPD></MPD>', "playlist", id="dash"),
        pytest.param(still("jpeg"), "still_picture", id="jpeg"),
        pytest.param(still("png"), "still_picture", id="png"),
        pytest.param(b"GIF89a" + bytes(64), "still_picture", id="gif"),
        pytest.param(b"RIFF\x40\0\0\0WEBPVP8 " + bytes(64), "still_picture", id="webp"),
        pytest.param(b"\0\0\0\x18ftypheic" + bytes(64), "still_picture", id="heic"),
        pytest.param(b"RIFF\x40\0\0\0WAVEfmt " + bytes(64), "no_picture", id="wave"),
        pytest.param(b"ID3\x04" + bytes(64), "no_picture", id="mp3"),
        pytest.param(bytes(5000), "not_video", id="zeros"),
        pytest.param(np.random.default_rng(0).bytes(5000), "not_video", id="noise"),
    ],
)
def test_what_is_no_film_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    """Every case has its reason, under a name that promises a film."""
    path = tmp_path / "squat.mp4"
    path.write_bytes(content)
    assert reason_of(path) == reason


def test_all_reasons_have_a_sentence() -> None:
    """Each ends with a full stop, and most tell the way on."""
    assert all(text.endswith(".") for text in sniff.SENTENCES.values())
    assert len(set(sniff.SENTENCES.values())) == len(sniff.SENTENCES)


def test_sound_alone_is_refused(tmp_path: Path) -> None:
    """An MP4 with an audio stream only."""
    assert reason_of(write_sound(tmp_path / "song.mp4")) == "no_picture"


def test_sound_with_a_cover_is_refused(tmp_path: Path) -> None:
    """A song with cover art has a picture stream, but no film."""
    path = write_sound(tmp_path / "song.mp4", with_cover=True)
    with av.open(str(path)) as song:
        assert len(song.streams.video) == 1  # or this test shows nothing
    assert reason_of(path) == "no_picture"


@pytest.mark.parametrize("kind", ["missing", "folder", "pipe"])
def test_what_cannot_be_opened_is_refused(tmp_path: Path, kind: str) -> None:
    """No file, a folder, or a named pipe that would hang the reader."""
    path = tmp_path / "squat.mp4"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    assert reason_of(path) == "no_file"


def test_other_codecs_are_refused(tmp_path: Path) -> None:
    """FFmpeg could read FFV1; no phone writes it."""
    assert reason_of(write_clip(tmp_path / "clip.mkv", codec="ffv1")) == "unknown_codec"


def test_half_an_mp4_with_its_index_at_the_end_is_refused(tmp_path: Path) -> None:
    """Nothing can be read without the index; the sentence says what happened."""
    whole = write_clip(tmp_path / "whole.mp4")
    content = whole.read_bytes()
    assert content.index(b"mdat") < content.index(b"moov")
    assert reason_of(cut_in_half(whole, tmp_path / "half.mp4")) == "broken_off"


def test_a_film_without_one_readable_picture_is_refused(tmp_path: Path) -> None:
    """The container is whole, its pictures are not."""
    path = write_clip(tmp_path / "clip.mp4")
    content = path.read_bytes()
    start = content.index(b"mdat") + 4
    end = content.rindex(b"moov") - 4
    path.write_bytes(content[:start] + b"\xff" * (end - start) + content[end:])
    assert reason_of(path) == "no_frames"


def test_too_many_bytes(tmp_path: Path) -> None:
    """The size on disk is looked at first; exactly the limit is accepted."""
    path = write_clip(tmp_path / "clip.mp4")
    size_bytes = path.stat().st_size
    with FilmReader(path, limits=VideoLimits(max_bytes=size_bytes)):
        pass
    with pytest.raises(OverLimitError) as caught:
        FilmReader(path, limits=VideoLimits(max_bytes=size_bytes - 1))
    assert caught.value.reason == "too_many_bytes"


def with_header_size(avi: bytes, old: tuple[int, int], new: tuple[int, int]) -> bytes:
    """Change the size that an AVI's headers declare, not that of its pictures."""

    def field(size: tuple[int, int]) -> bytes:
        return size[0].to_bytes(4, "little") + size[1].to_bytes(4, "little")

    assert avi.count(field(old)) == 2  # of the film and of its stream
    return avi.replace(field(old), field(new))


def test_12000_by_12000_pixels_are_refused(tmp_path: Path) -> None:
    """144 million pixels in a few kilobytes are refused by the default limits."""
    path = write_clip(tmp_path / "huge.avi", codec="mjpeg", pix_fmt="yuvj420p")
    content = with_header_size(path.read_bytes(), (64, 48), (12_000, 12_000))
    # Start of frame: marker, length, bits, height, width.
    start = b"\xff\xc0\x00\x11\x08"
    old, new = (48, 64), (12_000, 12_000)
    assert content.count(start + b"".join(n.to_bytes(2, "big") for n in old)) == 30
    content = content.replace(
        start + b"".join(n.to_bytes(2, "big") for n in old),
        start + b"".join(n.to_bytes(2, "big") for n in new),
    )
    path.write_bytes(content)
    with pytest.raises(OverLimitError) as caught:
        FilmReader(path)
    assert caught.value.reason == "too_many_pixels"


def test_a_header_that_lies_about_size_changes_nothing(tmp_path: Path) -> None:
    """The pictures are larger than the header says: what is decoded counts."""
    path = write_clip(tmp_path / "clip.avi", codec="mjpeg", pix_fmt="yuvj420p", size_px=(128, 96))
    path.write_bytes(with_header_size(path.read_bytes(), (128, 96), (64, 48)))
    with FilmReader(path) as film:
        assert (film.meta.width_px, film.meta.height_px) == (128, 96)
        assert [index_of(frame.rgb()) for frame in film.frames()] == list(range(30))
    assert reason_of(path, limits=VideoLimits(max_pixels=128 * 96 - 1)) == "no_frames"


@pytest.mark.parametrize(
    ("codec", "ending"),
    [
        ("libx264", "mp4"),
        ("libx264", "ts"),
        ("libx265", "mp4"),
        ("libvpx-vp9", "webm"),
        ("libsvtav1", "mp4"),
        ("mjpeg", "avi"),
    ],
)
def test_pixel_limit(tmp_path: Path, codec: str, ending: str) -> None:
    """Exactly the limit is read, one pixel less is refused."""
    path = write_clip(
        tmp_path / f"clip.{ending}",
        codec=codec,
        size_px=(128, 96),
        pix_fmt="yuvj420p" if codec == "mjpeg" else "yuv420p",
        codec_options={"x265-params": "log-level=none"} if codec == "libx265" else {},
    )
    with FilmReader(path, limits=VideoLimits(max_pixels=128 * 96)) as film:
        assert sum(1 for _ in film.frames()) == 30
    limits = VideoLimits(max_pixels=128 * 96 - 1)
    assert reason_of(path, limits=limits) == "too_many_pixels"


def test_growing_over_the_pixel_limit_ends_the_film(tmp_path: Path) -> None:
    """The limit holds for what is decoded: the large second part is left out."""
    first = write_clip(tmp_path / "a.ts", size_px=(64, 48)).read_bytes()
    late = [2 + time_s for time_s in even_times(30, fps=30)]
    second = write_clip(tmp_path / "b.ts", size_px=(128, 96), times_s=late).read_bytes()
    path = tmp_path / "both.ts"
    path.write_bytes(first + second)
    with FilmReader(path, limits=VideoLimits(max_pixels=64 * 48)) as film:
        shapes = [(frame.time_s, frame.rgb().shape) for frame in film.frames()]
        assert film.warnings != ()
    assert shapes[-1][0] < 1.01
    assert {shape for _, shape in shapes} == {(48, 64, 3)}
    with FilmReader(path) as film:  # or the file itself is what stops it
        assert max(frame.time_s for frame in film.frames()) > 2.5


@pytest.fixture
def folder_with_canary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a folder with a film that nobody may read."""
    write_clip(tmp_path / CANARY)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def external_track(folder: Path) -> bytes:
    """Make a film whose pictures lie in the canary."""
    return with_external_track((folder / CANARY).read_bytes(), other_name=CANARY)


TRAPS: dict[str, Callable[[Path], bytes]] = {
    "ffconcat.mp4": lambda _: FFCONCAT.encode(),
    # FFmpeg takes a playlist only by this ending.
    "hls.m3u8": lambda _: HLS.encode(),
    "external-track.mov": external_track,
}


def set_trap(folder: Path, name: str) -> Path:
    """Write a trap into the folder of the canary."""
    path = folder / name
    path.write_bytes(TRAPS[name](folder))
    return path


@pytest.mark.parametrize("trap", TRAPS)
def test_the_canary_would_sing(folder_with_canary: Path, trap: str) -> None:
    """Opened carelessly, each trap reads the other file: the next test can fail."""
    path = set_trap(folder_with_canary, trap)
    careless = {
        "enable_drefs": "1",
        "allowed_extensions": "ALL",
        "allowed_segment_extensions": "ALL",
        "extension_picky": "0",
    }
    with av.open(str(path), options=careless) as film:
        assert index_of(next(film.decode(video=0)).to_ndarray(format="rgb24")) == 0


@pytest.mark.parametrize("sniffed", [True, False], ids=["sniffed", "not-sniffed"])
@pytest.mark.parametrize("trap", TRAPS)
def test_no_other_file_is_read(
    folder_with_canary: Path, monkeypatch: pytest.MonkeyPatch, trap: str, *, sniffed: bool
) -> None:
    """No trap reaches the canary, not even past the look at the first bytes."""
    path = set_trap(folder_with_canary, trap)
    if not sniffed:
        monkeypatch.setattr(source, "ends_early", lambda file, *, size_bytes: False)
    if trap == "external-track.mov":
        # The film is well formed, but its own bytes hold no pictures.
        assert reason_of(path) == "no_frames"
    else:
        assert reason_of(path) == ("playlist" if sniffed else "not_video")


def open_with(monkeypatch: pytest.MonkeyPatch, *, options: dict[str, str], callback: bool) -> None:
    """Take layers of the defence away: other options, and perhaps no callback."""
    real_open = av.open

    def weakened(file: object, **given: object) -> object:
        assert given["io_open"] is source._refuse_io
        kept = {**given, "options": options}
        return real_open(file, **(kept if callback else {**kept, "io_open": None}))

    monkeypatch.setattr(source, "ends_early", lambda file, *, size_bytes: False)
    monkeypatch.setattr(source.av, "open", weakened)


def test_the_callback_alone_holds(
    folder_with_canary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With every format allowed and external tracks on, nothing is opened."""
    path = set_trap(folder_with_canary, "external-track.mov")
    open_with(monkeypatch, options={"enable_drefs": "1"}, callback=True)
    assert reason_of(path) == "not_video"


def test_without_the_callback_the_canary_sings(
    folder_with_canary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The opposite of the last test, so that it can fail."""
    path = set_trap(folder_with_canary, "external-track.mov")
    open_with(monkeypatch, options={"enable_drefs": "1"}, callback=False)
    with FilmReader(path) as film:
        assert [index_of(frame.rgb()) for frame in film.frames()] == list(range(30))


@pytest.mark.parametrize("layer", ["format_whitelist", "protocol_whitelist"])
def test_each_whitelist_alone_holds(
    folder_with_canary: Path, monkeypatch: pytest.MonkeyPatch, layer: str
) -> None:
    """FFmpeg opens what a list names without asking the callback; these stop it."""
    path = set_trap(folder_with_canary, "ffconcat.mp4")
    real_open = av.open
    monkeypatch.setattr(source, "ends_early", lambda file, *, size_bytes: False)
    monkeypatch.setattr(
        source.av,
        "open",
        lambda file, *, options, **_: real_open(
            file, options={"safe": "0", **{k: v for k, v in options.items() if k == layer}}
        ),
    )
    assert reason_of(path) == "not_video"
    monkeypatch.setattr(source.av, "open", lambda file, **_: real_open(file, options={"safe": "0"}))
    with FilmReader(path) as film:  # the opposite, so that this test can fail
        assert index_of(next(film.frames()).rgb()) == 0


@pytest.mark.skipif(STRACE is None, reason="strace is not installed")
@pytest.mark.parametrize("trap", [*TRAPS, "plain.mp4"])
def test_the_system_sees_one_file_opened(folder_with_canary: Path, trap: str) -> None:
    """Traced by the system, reading opens the upload and no other media."""
    is_trap = trap in TRAPS
    path = set_trap(folder_with_canary, trap) if is_trap else write_clip(folder_with_canary / trap)
    log = folder_with_canary / "trace.log"
    script = (
        "import sys\n"
        "from analysis.errors import UnreadableError\n"
        "from analysis.video import FilmReader\n"
        "try:\n"
        "    with FilmReader(sys.argv[1]) as film:\n"
        "        print(sum(1 for _ in film.frames()))\n"
        "except UnreadableError as error:\n"
        "    print(error.reason)\n"
    )
    trace = [str(STRACE), "-f", "-qq", "-e", "trace=%file,%network", "-o", str(log)]
    if subprocess.run([*trace, "true"], check=False, capture_output=True).returncode:
        pytest.skip("strace may not trace here")
    root = str(Path(source.__file__).parents[1])
    done = subprocess.run(
        [*trace, sys.executable, "-c", script, str(path)],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": root},
    )
    assert (done.stdout.strip() == "30") is not is_trap
    calls = log.read_text().splitlines()
    here = [line for line in calls if trap in line and "open" in line]
    assert here  # or the trace shows nothing
    assert not [line for line in calls if CANARY in line]
    assert not [line for line in calls if "connect(" in line or "sendto(" in line]
