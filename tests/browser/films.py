"""Films as large as phones make them, out of the sample."""

import itertools
from fractions import Fraction
from pathlib import Path

import av

from pages.shared import jobs

SAMPLE = jobs.PROJECT / "analysis" / "data" / "sample.mp4"


def enlarge_sample(path: Path, *, length_s: float, bit_rate: int) -> Path:
    """Write the sample over and over at 1080 x 1920, 30 pictures a second.

    Parameters
    ----------
    path : Path
    length_s : float
        Seconds of the film.
    bit_rate : int
        Bits a second, held whatever the picture shows.
    """
    rate = str(bit_rate)
    with av.open(str(path), "w") as target:
        stream = target.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt = 1080, 1920, "yuv420p"
        stream.bit_rate = bit_rate
        stream.codec_context.time_base = Fraction(1, 30)
        stream.options = {"preset": "ultrafast", "nal-hrd": "cbr", "maxrate": rate,
                          "minrate": rate, "bufsize": rate}  # fmt: skip
        pictures = itertools.islice(_sample_for_ever(), round(30 * length_s))
        for index, picture in enumerate(pictures):
            large = picture.reformat(width=1080, height=1920, format="yuv420p")
            large.pts, large.time_base = index, Fraction(1, 30)
            target.mux(stream.encode(large))
        target.mux(stream.encode(None))
    return path


def _sample_for_ever() -> "itertools.chain[av.VideoFrame]":
    return itertools.chain.from_iterable(_sample() for _ in itertools.count())


def _sample() -> list[av.VideoFrame]:
    with av.open(str(SAMPLE)) as source:
        return list(source.decode(video=0))
