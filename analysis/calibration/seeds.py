"""Make `analysis/data/seeds.png`, the lifter who is shown to the pose model first.

Run ``python -m analysis.calibration.seeds`` from the root of the project. It cuts the
lifter of the sample clip out in some postures, puts them on grey with the hips in one
place, and prints where the ankles are, which `analysis.seeding` must know.
"""

from pathlib import Path

import cv2
import numpy as np

from analysis.model import ensure_model
from analysis.pose import Detection, MediaPipeModel
from analysis.seeding import HEIGHTS, Legs
from analysis.video import FilmReader

_DATA = Path(__file__).parents[1] / "data"
# Size of each part, where the hips are in it and how long the leg is, pixels.
_SIZE_PX, _HIP_PX, _LEG_PX = (220, 280), (110.0, 140.0), 110.0
_GREY = 114


def main() -> None:
    """Cut out and write."""
    found: list[tuple[np.ndarray, Detection]] = []
    model = MediaPipeModel(ensure_model())
    with (
        FilmReader(_DATA / "sample.mp4") as reader,
        model.open(tracking=True, max_people=1, masks=True) as estimator,
    ):
        for frame in reader.frames():
            rgb = frame.rgb()
            found.append((rgb, estimator.detect(rgb, time_s=frame.time_s)[0]))
    leg_px = float(np.percentile([Legs.of(one).leg_px for _, one in found], 90))
    hips = np.array([one.xy_px[23:25].mean(axis=0) for _, one in found])
    ankles = np.array([one.xy_px[27:29].mean(axis=0) for _, one in found])
    zoom = _LEG_PX / leg_px
    parts = []
    for height in HEIGHTS:
        k = int(np.abs((ankles - hips)[:, 1] / leg_px - height).argmin())
        rgb, one = found[k]
        assert one.mask is not None
        body = cv2.dilate((one.mask > 0.3).astype(np.uint8), np.ones((5, 5), np.uint8))
        soft = cv2.GaussianBlur(body.astype(np.float32), (0, 0), 1.5)[..., None]
        cut = (rgb * soft + _GREY * (1 - soft)).astype(np.uint8)
        left, top = _HIP_PX - zoom * hips[k]
        place = np.array([[zoom, 0, left], [0, zoom, top]])
        parts.append(
            cv2.warpAffine(cut, place, _SIZE_PX, flags=cv2.INTER_AREA, borderValue=(_GREY,) * 3)
        )
        print(height, np.round(_HIP_PX + zoom * (ankles - hips)[k], 1))
    cv2.imwrite(str(_DATA / "seeds.png"), cv2.cvtColor(np.hstack(parts), cv2.COLOR_RGB2BGR))


if __name__ == "__main__":
    main()
