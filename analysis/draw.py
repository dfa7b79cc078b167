"""Everything that is drawn onto a picture: the only file that calls OpenCV to draw.

Pixels run x to the right and y DOWN, pictures are uint8 RGB (H, W, 3). Every
function returns a new picture and leaves its input as it was. A missing point is
NaN and is not drawn.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

RgbPicture = NDArray[np.uint8]
Points = NDArray[np.float64]
Colour = tuple[int, int, int]

# The one strong colour of the app: the wink, and nothing else.
ACCENT: Final[Colour] = (240, 124, 52)
_WHITE: Final[Colour] = (252, 250, 246)
_SOFT: Final[Colour] = (196, 205, 212)
_HALO: Final[Colour] = (26, 24, 22)

# Joints joined by a line: the side that the camera sees, then the far side.
_NEAR: Final = (
    ("ear", "shoulder"),
    ("shoulder", "elbow"),
    ("elbow", "wrist"),
    ("shoulder", "hip"),
    ("hip", "knee"),
    ("knee", "ankle"),
    ("ankle", "heel"),
    ("heel", "toe"),
    ("ankle", "toe"),
)
_FAR: Final = (("far_hip", "far_knee"), ("far_knee", "far_ankle"), ("far_ankle", "far_toe"))
# Joints that get a dot: those whose angles are reported.
_DOTS: Final = ("shoulder", "hip", "knee", "ankle", "toe")

# Widths are given for a picture of this width and grow with it.
_NOMINAL_WIDTH_PX: Final = 720.0
_JPEG_QUALITY: Final = 85
_TEXT_WEIGHT: Final = 600


def annotate(
    rgb: RgbPicture,
    joints: Mapping[str, Points],
    back: Points,
    texts: Sequence[str] = (),
    *,
    flagged: bool = False,
    tilt_deg: float = math.nan,
) -> RgbPicture:
    """Draw a lifter's skeleton, the outline of the back and the two bowls.

    Parameters
    ----------
    rgb : ndarray, shape (H, W, 3)
    joints : mapping of str to ndarray, shape (2,)
        Pixels by joint name; NaN or absent = missing.
    back : ndarray, shape (N, 2)
        Pixels along the back from shoulder to seat; NaN = missing.
    texts : sequence of str
        Lines for the upper left corner, the first one large.
    flagged : bool
        Draw the back and the lower bowl in the accent colour.
    tilt_deg : float
        Angle of the lower bowl against the upper one, + tucked under; NaN
        leaves the bowls out.

    Returns
    -------
    ndarray, shape (H, W, 3)
    """
    picture = rgb.copy()
    unit = max(1.0, rgb.shape[1] / _NOMINAL_WIDTH_PX)
    for first, second in _FAR:
        _line(picture, joints, (first, second), _SOFT, 2.0 * unit)
    for first, second in _NEAR:
        _line(picture, joints, (first, second), _WHITE, 3.5 * unit)
    for name in _DOTS:
        _dot(picture, joints.get(name), 6.0 * unit)
    _curve(picture, back, ACCENT if flagged else _WHITE, 5.0 * unit)
    if math.isfinite(tilt_deg):
        _bowls(picture, joints, tilt_deg, ACCENT if flagged else _WHITE, unit)
    _write(picture, texts, unit)
    return picture


def with_caption(rgb: RgbPicture, texts: Sequence[str]) -> RgbPicture:
    """Write lines below a picture, on a dark ground; long ones are wrapped.

    Parameters
    ----------
    rgb : ndarray, shape (H, W, 3)
    texts : sequence of str
        The first one is large.

    Returns
    -------
    ndarray, shape (H + what the lines need, W, 3)
    """
    width = rgb.shape[1]
    unit = width / _NOMINAL_WIDTH_PX
    face = cv2.FontFace("sans")
    lines: list[tuple[str, int]] = []
    for number, text in enumerate(texts):
        size = max(8, round((32 if number == 0 else 24) * unit))
        lines += [(line, size) for line in _wrapped(text, face, size, width - round(40 * unit))]
    high = round(sum(1.4 * size for _, size in lines) + 32 * unit)
    ground = np.full((high, width, 3), _HALO, np.uint8)
    baseline = 12 * unit
    for line, size in lines:
        baseline += 1.4 * size
        place = (round(20 * unit), round(baseline))
        cv2.putText(ground, line, place, _WHITE, face, size, _TEXT_WEIGHT)
    return np.vstack([rgb, ground])


def _wrapped(text: str, face: cv2.FontFace, size: int, room: int) -> list[str]:
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}".strip()
        wide = cv2.getTextSize((100_000, 1000), longer, (0, size), face, size, _TEXT_WEIGHT)[2]
        if wide <= room or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def mark_people(rgb: RgbPicture, boxes: Points, measured: int) -> RgbPicture:
    """Frame and number the people seen, the measured one in full strength.

    Parameters
    ----------
    boxes : ndarray, shape (P, 4)
        Pixels x0, y0, x1, y1.
    measured : int
        Index of the person who was measured; -1 for none.
    """
    picture = rgb.copy()
    unit = max(1.0, rgb.shape[1] / _NOMINAL_WIDTH_PX)
    for index, box in enumerate(boxes):
        if not np.isfinite(box).all():
            continue
        colour = _WHITE if index == measured else _SOFT
        thick = (5.0 if index == measured else 2.0) * unit
        x0, y0, x1, y1 = (float(value) for value in box)
        outline = np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1], [x0, y0]])
        _curve(picture, outline, colour, thick)
        label = f"{index + 1} measured" if index == measured else str(index + 1)
        _text(picture, label, (x0 + 10 * unit, y0 + 36 * unit), 28 * unit)
    return picture


def crop_box(
    points: Points, size_px: tuple[int, int], *, margin: float = 0.1, tallest: float = 1.25
) -> tuple[int, int, int, int]:
    """Choose the part of the picture that holds all points, with some room.

    Parameters
    ----------
    points : ndarray, shape (..., 2)
        Pixels; NaN is ignored.
    size_px : tuple of int
        Width and height of the picture.
    margin : float
        Room on each side, as a share of the larger side.
    tallest : float
        Most height for one unit of width: a taller box is made wider.

    Returns
    -------
    tuple of int
        x0, y0, x1, y1 inside the picture; the whole picture if no point is known.
    """
    width, height = size_px
    flat = points.reshape(-1, 2)
    flat = flat[np.isfinite(flat).all(axis=1)]
    if not len(flat):
        return 0, 0, width, height
    low, high = flat.min(axis=0), flat.max(axis=0)
    room = margin * float((high - low).max())
    low, high = low - room, high + room
    missing = float((high[1] - low[1]) / tallest - (high[0] - low[0]))
    if missing > 0:
        low[0], high[0] = low[0] - missing / 2, high[0] + missing / 2
    for axis, side in enumerate((width, height)):
        # Slide back inside before cutting off: the lifter stays in the middle if possible.
        shift = max(0.0, -low[axis]) - max(0.0, high[axis] - side)
        low[axis], high[axis] = max(0.0, low[axis] + shift), min(side, high[axis] + shift)
    x0, y0, x1, y1 = int(low[0]), int(low[1]), math.ceil(high[0]), math.ceil(high[1])
    return x0, y0, max(x1, x0 + 1), max(y1, y0 + 1)


def cut(
    rgb: RgbPicture, box: tuple[int, int, int, int], *, width_px: int
) -> tuple[RgbPicture, float]:
    """Cut a part out of a picture and bring it to a width.

    Returns
    -------
    picture : ndarray
    scale : float
        A point ``p`` of the old picture lies at ``(p - box[:2]) * scale``.
    """
    x0, y0, x1, y1 = box
    part = np.ascontiguousarray(rgb[y0:y1, x0:x1])
    scale = width_px / part.shape[1]
    size = (width_px, max(1, round(part.shape[0] * scale)))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(part, size, interpolation=how), np.uint8), scale


def to_jpeg(rgb: RgbPicture) -> bytes:
    """Encode a picture for the page."""
    return _encode(".jpg", rgb, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])


def to_png(rgb: RgbPicture) -> bytes:
    """Encode a picture for keeping."""
    return _encode(".png", rgb, [])


def _encode(kind: str, rgb: RgbPicture, options: list[int]) -> bytes:
    done, data = cv2.imencode(kind, cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), options)
    if not done:
        raise ValueError(f"a picture of shape {rgb.shape} cannot be written as {kind}")
    return bytes(data.tobytes())


def _line(
    picture: RgbPicture,
    joints: Mapping[str, Points],
    names: tuple[str, str],
    colour: Colour,
    thick: float,
) -> None:
    ends = [joints.get(name) for name in names]
    if ends[0] is not None and ends[1] is not None:
        _curve(picture, np.stack([ends[0], ends[1]]), colour, thick)


def _curve(picture: RgbPicture, points: Points, colour: Colour, thick: float) -> None:
    """Draw the stretches of a curve between gaps, with a dark rim around them."""
    known: NDArray[np.bool_] = np.asarray(np.isfinite(points).all(axis=1))
    runs = np.split(np.arange(len(points)), np.flatnonzero(np.diff(known.astype(np.int8))) + 1)
    curves = [_whole(points[run]) for run in runs if len(run) > 1 and known[run[0]]]
    for shade, extra in ((_HALO, 2.5), (colour, 0.0)):
        width = max(1, round(thick + extra * max(1.0, thick / 3.5)))
        cv2.polylines(picture, curves, False, shade, width, cv2.LINE_AA)


def _whole(points: Points) -> NDArray[np.int32]:
    # Far outside the picture is as good as just outside, and safe for int32.
    return np.clip(np.rint(points), -20_000, 20_000).astype(np.int32)


def _dot(picture: RgbPicture, point: Points | None, radius: float) -> None:
    if point is None or not np.isfinite(point).all():
        return
    x, y = (int(value) for value in _whole(point))
    cv2.circle(picture, (x, y), round(radius * 1.35), _HALO, -1, cv2.LINE_AA)
    cv2.circle(picture, (x, y), round(radius), _WHITE, -1, cv2.LINE_AA)


def _bowls(
    picture: RgbPicture,
    joints: Mapping[str, Points],
    tilt_deg: float,
    colour: Colour,
    unit: float,
) -> None:
    """Draw ribcage and pelvis as two bowls; the lower one tips by the angle measured."""
    shoulder, hip, heel, toe = (joints.get(n) for n in ("shoulder", "hip", "heel", "toe"))
    if shoulder is None or hip is None or heel is None or toe is None:
        return
    up = shoulder - hip
    length = float(np.hypot(*up))
    facing = float(np.sign(toe[0] - heel[0]))
    if not length > 0 or facing == 0 or not math.isfinite(facing):
        return
    lean = math.atan2(float(up[0]), -float(up[1]))  # clockwise from upright, radians
    # A tuck turns the top of the pelvis to the back: counter-clockwise for a
    # lifter who faces right, clockwise for one who faces left.
    tipped = lean - facing * math.radians(tilt_deg)
    size = 0.19 * length
    _bowl(picture, hip + 0.55 * up, lean, size, _WHITE, 3.0 * unit)
    _bowl(picture, hip + 0.16 * up, tipped, size, colour, 4.0 * unit)


def _bowl(
    picture: RgbPicture,
    centre: Points,
    lean_rad: float,
    size: float,
    colour: Colour,
    thick: float,
) -> None:
    angle = np.linspace(0.0, math.pi, 25)
    shape = np.column_stack([np.cos(angle), 0.75 * np.sin(angle)]) * size
    shape = np.vstack([shape, shape[:1]])  # the rim
    cos, sin = math.cos(lean_rad), math.sin(lean_rad)
    turned = np.column_stack(
        [shape[:, 0] * cos - shape[:, 1] * sin, shape[:, 0] * sin + shape[:, 1] * cos]
    )
    _curve(picture, turned + centre, colour, thick)


def _write(picture: RgbPicture, texts: Sequence[str], unit: float) -> None:
    baseline = 10 * unit
    for number, text in enumerate(texts):
        height = (30 if number == 0 else 24) * unit
        baseline += 1.5 * height
        _text(picture, text, (20 * unit, baseline), height)


def _text(picture: RgbPicture, text: str, at: tuple[float, float], height: float) -> None:
    """Write a line with its lower left corner at a point, on a dark ground that reads anywhere."""
    face = cv2.FontFace("sans")
    size = max(8, round(height))
    corner = (round(at[0]), round(at[1]))
    rows, columns = picture.shape[:2]
    _, _, width, _ = cv2.getTextSize((columns, rows), text, corner, face, size, _TEXT_WEIGHT)
    room = round(0.35 * size)
    left, right = max(0, corner[0] - room), min(columns, corner[0] + width + room)
    top, bottom = max(0, corner[1] - size - room // 3), min(rows, corner[1] + room)
    if left < right and top < bottom:
        ground = picture[top:bottom, left:right]
        dark = np.full_like(ground, _HALO)
        picture[top:bottom, left:right] = cv2.addWeighted(ground, 0.3, dark, 0.7, 0)
    cv2.putText(picture, text, corner, _WHITE, face, size, _TEXT_WEIGHT)
