"""What is taken from the frames as they go by; none of the frames is kept.

One pass over the film follows the lifter, samples the silhouette, looks at the
light and the tilt of the camera, and writes the preview film.
"""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from analysis.pose import CONFIDENCE, Detection, PoseModel, PoseTrack
from analysis.preview import PreviewWriter
from analysis.silhouette import Silhouette, sample_silhouette
from analysis.tracking import Region, Scene, TrackedFrame, follow
from analysis.video import FilmReader
from analysis.view import Side, camera_roll_deg, facing_of, side_of, side_of_track

# Shorter side of the preview film, in pixels.
_PREVIEW_SIDE_PX = 540
# Light and tilt change slowly: one look in so many frames.
_LOOK_EVERY = 30
_LIGHT_SIDE_PX = 32
# Found in fewer frames than this, the lifter is looked for again with less
# confidence; the better of the two tracks is kept.
_FOUND_ENOUGH, _WORTH_IT = 0.9, 0.05
_LOW_CONFIDENCE = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Footage:
    """One lifter over a film, as far as it is measured; arrays have shape (T, ...).

    Attributes
    ----------
    track : PoseTrack
        Landmarks in pixels of the film.
    side : {"left", "right"}
        The side of the body that the camera sees.
    body_px : float
        Length of the body in pixels of the film.
    ray_px : ndarray, shape (T, 100)
        Rays of the silhouette in pixels of the film, NaN = missing.
    back_px : ndarray, shape (T, 30, 2)
        Outline of the back in pixels of the film.
    patch : ndarray of uint8, shape (T, 40, 40)
        The mask around the hips.
    top_px : ndarray, shape (T,)
        Upper end of the silhouette, y down.
    brightness : float
        Mean of the pictures, 0 to 255.
    roll_deg : float
        Tilt of the camera, NaN = unknown.
    """

    track: PoseTrack
    side: Side
    body_px: float
    ray_px: NDArray[np.float64]
    back_px: NDArray[np.float64]
    patch: NDArray[np.uint8]
    top_px: NDArray[np.float64]
    brightness: float
    roll_deg: float


def take_footage(
    reader: FilmReader,
    model: PoseModel,
    scene: Scene,
    *,
    preview: Path | None = None,
    on_frame: Callable[[float], None] = lambda time_s: None,
) -> Footage:
    """Run every frame past the pose model, a second time if that went badly.

    Parameters
    ----------
    reader : FilmReader
    model : PoseModel
    scene : Scene
        From :func:`analysis.tracking.scout` on the same film.
    preview : Path, optional
        Where to write the preview film.
    on_frame : callable, optional
        Is told the time of each frame.

    Returns
    -------
    Footage
    """
    side = side_of(scene.person.sightings)
    footage = _pass(reader, model, scene, side=side, preview=preview, on_frame=on_frame)
    if side_of_track(footage.track) != side:
        # A few looks at somebody half hidden can be wrong; all frames together decide.
        side = side_of_track(footage.track)
        footage = _pass(reader, model, scene, side=side, preview=preview, on_frame=on_frame)
    if footage.track.found.mean() < _FOUND_ENOUGH:
        again = _pass(
            reader,
            model,
            scene,
            side=side,
            preview=None,
            on_frame=on_frame,
            confidence=_LOW_CONFIDENCE,
        )
        if again.track.found.mean() > footage.track.found.mean() + _WORTH_IT:
            return again
    return footage


def preview_size(film_px: tuple[int, int]) -> tuple[int, int]:
    """Size of the preview film: the shorter side 540 pixels or less, both sides even.

    Parameters
    ----------
    film_px : (width, height)

    Returns
    -------
    (width, height)
    """
    scale = min(1.0, _PREVIEW_SIDE_PX / min(film_px))
    wide, high = (max(2, 2 * round(side * scale / 2)) for side in film_px)
    return wide, high


def _pass(
    reader: FilmReader,
    model: PoseModel,
    scene: Scene,
    *,
    side: Side,
    preview: Path | None,
    on_frame: Callable[[float], None],
    confidence: float = CONFIDENCE,
) -> Footage:
    region = scene.region
    times: list[float] = []
    detections: list[Detection | None] = []
    shapes: list[Silhouette] = []
    lights, rolls = [], []
    with ExitStack() as stack:
        writer = None
        if preview is not None:
            wide, high = preview_size(scene.film_px)
            writer = stack.enter_context(PreviewWriter(preview, width_px=wide, height_px=high))
        for seen in follow(reader, model, scene, confidence=confidence):
            frame = seen.frame
            if writer is not None:
                writer.add_frame(frame)
            if frame.index % _LOOK_EVERY == 0:
                lights.append(float(frame.rgb(_LIGHT_SIDE_PX, _LIGHT_SIDE_PX).mean()))
                rolls.append(camera_roll_deg(region.cut(frame, film_px=scene.film_px)))
            times.append(frame.time_s)
            shapes.append(_shape(seen, region, side=side, body_px=scene.person.height_px))
            # Without its mask: masks are large and are not needed any more.
            detections.append(seen.detection and replace(seen.detection, mask=None))
            on_frame(frame.time_s)
    return Footage(
        track=PoseTrack.from_detections(times, detections),
        side=side,
        body_px=scene.person.height_px,
        ray_px=np.array([s.ray_px for s in shapes]) / region.scale,
        back_px=region.points_to_film(np.array([s.back_px for s in shapes])),
        patch=np.array([s.patch for s in shapes]),
        top_px=region.points_to_film(np.array([[0.0, s.top_px] for s in shapes]))[:, 1],
        brightness=float(np.mean(lights)),
        roll_deg=float(np.nanmedian(rolls)) if np.isfinite(rolls).mean() > 0.5 else float("nan"),
    )


def _shape(seen: TrackedFrame, region: Region, *, side: Side, body_px: float) -> Silhouette:
    detection = seen.detection
    if detection is None or detection.mask is None:
        return Silhouette.empty()
    return sample_silhouette(
        detection.mask,
        region.points_from_film(detection.xy_px),
        facing=facing_of(side),
        body_px=body_px * region.scale,
    )
