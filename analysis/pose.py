"""Landmarks and person mask of one picture, by MediaPipe.

The only file that imports mediapipe, and it does so when the first estimator
is opened: the import alone takes more than half a second and loads system
libraries that may be missing. Everything behind it talks to the two protocols
here, so that tests can put a made-up estimator through the whole pipeline.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from analysis import model as pose_model

# How sure the model must be of a person: its own default.
CONFIDENCE = 0.5
# Between two stretches of film on the clock of a landmarker, milliseconds: so long that
# filters over seconds have forgotten. And what the empty picture shows that parts them.
_PAUSE_MS = 100_000
_GREY, _EMPTY_PX = 114, 16
# Where one person is followed, MediaPipe gives so much of a new visibility and the rest
# of the one before (low pass of its graph for the landmarks of poses).
_NEW_VISIBILITY = 0.1


# Where the landmarks of the other side of the body stand: nose, three of each eye, and
# pairs of left and right from the ears on.
_OTHER_SIDE = np.array([0, 4, 5, 6, 1, 2, 3, *(k + 1 if k % 2 else k - 1 for k in range(7, 33))])


class Landmark(IntEnum):
    """The landmarks of the pose model that the app uses (left side; right = left + 1)."""

    NOSE = 0
    EAR = 7
    SHOULDER = 11
    ELBOW = 13
    WRIST = 15
    HIP = 23
    KNEE = 25
    ANKLE = 27
    HEEL = 29
    TOE = 31


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """One person in one picture.

    Attributes
    ----------
    xy_px : ndarray, shape (33, 2)
        Landmarks in pixels of the picture, x right, y down; may lie outside it.
    world_m : ndarray, shape (33, 3)
        Landmarks in metres around the middle of the hips; x right and y down as
        the camera sees them, z away from the camera.
    visibility : ndarray, shape (33,)
        The model's own guess that the landmark is in sight, 0 to 1.
    mask : ndarray of float32, shape (H, W), or None
        How sure each pixel belongs to this person, 0 to 1.
    """

    xy_px: NDArray[np.float64]
    world_m: NDArray[np.float64]
    visibility: NDArray[np.float64]
    mask: NDArray[np.float32] | None = None

    def __post_init__(self) -> None:
        expected = {"xy_px": (33, 2), "world_m": (33, 3), "visibility": (33,)}
        for name, shape in expected.items():
            got = getattr(self, name).shape
            if got != shape:
                raise ValueError(f"{name}: expected shape {shape}, got {got}")

    def mirrored(self, width_px: int) -> "Detection":
        """Return the same person in the mirror image of a picture of this width."""
        return Detection(
            xy_px=np.array([width_px, 0.0]) + self.xy_px[_OTHER_SIDE] * np.array([-1.0, 1.0]),
            world_m=self.world_m[_OTHER_SIDE] * np.array([-1.0, 1.0, 1.0]),
            visibility=self.visibility[_OTHER_SIDE],
            mask=None if self.mask is None else np.ascontiguousarray(self.mask[:, ::-1]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PoseTrack:
    """One person over a film; a frame in which the person was not found is NaN.

    Attributes
    ----------
    time_s : ndarray, shape (T,)
        Seconds from the first frame.
    xy_px : ndarray, shape (T, 33, 2)
        Pixels of the upright picture, y down.
    world_m : ndarray, shape (T, 33, 3)
    visibility : ndarray, shape (T, 33)
        0 where the person was not found.
    """

    time_s: NDArray[np.float64]
    xy_px: NDArray[np.float64]
    world_m: NDArray[np.float64]
    visibility: NDArray[np.float64]

    def __post_init__(self) -> None:
        n = len(self.time_s)
        expected = {"xy_px": (n, 33, 2), "world_m": (n, 33, 3), "visibility": (n, 33)}
        for name, shape in expected.items():
            got = getattr(self, name).shape
            if got != shape:
                raise ValueError(f"{name}: expected shape {shape}, got {got}")

    @property
    def found(self) -> NDArray[np.bool_]:
        """Frames in which the person was found, shape (T,)."""
        return np.asarray(np.isfinite(self.xy_px[:, 0, 0]))

    @classmethod
    def from_detections(
        cls, time_s: Sequence[float], detections: Sequence[Detection | None]
    ) -> "PoseTrack":
        """Stack single detections; None becomes a gap."""

        def stack(name: str, shape: tuple[int, ...], missing: float) -> NDArray[np.float64]:
            empty = np.full(shape, missing)
            rows = [empty if d is None else getattr(d, name) for d in detections]
            return np.asarray(rows, dtype=np.float64).reshape(len(rows), *shape)

        return cls(
            time_s=np.asarray(time_s, dtype=np.float64),
            xy_px=stack("xy_px", (33, 2), np.nan),
            world_m=stack("world_m", (33, 3), np.nan),
            visibility=stack("visibility", (33,), 0.0),
        )


class PoseEstimator(Protocol):
    """Finds people in pictures; used in a ``with`` so that its memory goes back."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    def detect(self, rgb: NDArray[np.uint8], *, time_s: float) -> list[Detection]:
        """Return the people in one upright RGB picture (H, W, 3)."""
        ...

    def forget(self) -> None:
        """Start afresh: what comes is no continuation, and may be earlier."""
        ...

    def pause(self) -> None:
        """Have what smooths in time start afresh, but still follow from the same place."""
        ...


class PoseModel(Protocol):
    """Something that opens estimators."""

    @property
    def sha256(self) -> str:
        """Names the version of the model in reports."""
        ...

    def open(
        self, *, tracking: bool, max_people: int, masks: bool, confidence: float = CONFIDENCE
    ) -> PoseEstimator:
        """Open an estimator for one stretch of film (`tracking`) or for single pictures."""
        ...


class MediaPipeModel:
    """The pose model on disk; its bytes are read once and shared by all estimators.

    Parameters
    ----------
    path : Path
        The Tasks bundle, as :func:`analysis.model.ensure_model` returns it.

    Raises
    ------
    MissingPartError
        If a library that mediapipe needs is missing on this machine.
    """

    def __init__(self, path: Path) -> None:
        pose_model.require_libraries()
        self._bundle = path.read_bytes()
        self._sha256 = pose_model.model_sha256(path)
        self._ahead: list[tuple[tuple[bool, int, bool, float], MediaPipeEstimator]] = []
        self._lock = threading.Lock()

    @property
    def sha256(self) -> str:
        """SHA-256 of the bundle."""
        return self._sha256

    def open(
        self, *, tracking: bool, max_people: int, masks: bool, confidence: float = CONFIDENCE
    ) -> "MediaPipeEstimator":
        """Open an estimator; never share one between two films."""
        kind = (tracking, max_people, masks, confidence)
        with self._lock:
            for place, (its_kind, _) in enumerate(self._ahead):
                if its_kind == kind:
                    return self._ahead.pop(place)[1]
        return self._new(*kind)

    def open_ahead(
        self, *, tracking: bool, max_people: int, masks: bool, confidence: float = CONFIDENCE
    ) -> None:
        """Open an estimator that the next `open` of the same kind returns.

        Opening takes up to half a second, which need not be the film's.
        """
        kind = (tracking, max_people, masks, confidence)
        estimator = self._new(*kind)
        with self._lock:
            self._ahead.append((kind, estimator))

    def _new(
        self, tracking: bool, max_people: int, masks: bool, confidence: float
    ) -> "MediaPipeEstimator":
        return MediaPipeEstimator(
            self._bundle,
            tracking=tracking,
            max_people=max_people,
            masks=masks,
            confidence=confidence,
        )


class MediaPipeEstimator:
    """One MediaPipe pose landmarker.

    Parameters
    ----------
    bundle : bytes
        The Tasks bundle.
    tracking : bool
        True follows people from frame to frame (quicker, steadier); False looks
        at each picture afresh.
    max_people : int
        How many people to look for at the most.
    masks : bool
        Whether to make person masks (about 1 ms a frame).
    confidence : float
        How sure the model must be of a person, 0 to 1.
    """

    def __init__(
        self, bundle: bytes, *, tracking: bool, max_people: int, masks: bool, confidence: float
    ) -> None:
        import mediapipe as mp
        from mediapipe.tasks.python import BaseOptions, vision

        self._mp = mp
        self._tracking = tracking
        self._smooths = tracking and max_people == 1
        self._smoothed: NDArray[np.float64] | None = None
        self._last_ms = -1
        self._shift_ms: int | None = 0
        mode = vision.RunningMode.VIDEO if tracking else vision.RunningMode.IMAGE
        self._landmarker = vision.PoseLandmarker.create_from_options(
            vision.PoseLandmarkerOptions(
                base_options=BaseOptions(model_asset_buffer=bundle),
                running_mode=mode,
                num_poses=max_people,
                output_segmentation_masks=masks,
                min_pose_detection_confidence=confidence,
                min_pose_presence_confidence=confidence,
                min_tracking_confidence=confidence,
            )
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._landmarker.close()

    def detect(self, rgb: NDArray[np.uint8], *, time_s: float) -> list[Detection]:
        """Return the people in one upright RGB picture.

        Parameters
        ----------
        rgb : ndarray of uint8, shape (H, W, 3)
            Must be contiguous: other layouts are read wrong without a word, and
            a picture without height ends the process.
        time_s : float
            Seconds; must grow from call to call when tracking.

        Raises
        ------
        ValueError
            If the picture is not as described.
        """
        if rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.dtype != np.uint8 or rgb.size == 0:
            raise ValueError(f"expected uint8 (H, W, 3), got {rgb.dtype} {rgb.shape}")
        picture = self._mp.Image(
            image_format=self._mp.ImageFormat.SRGB, data=np.ascontiguousarray(rgb)
        )
        if self._tracking:
            time_ms = round(time_s * 1000)
            if self._shift_ms is None:
                self._shift_ms = self._last_ms + _PAUSE_MS - time_ms
            self._last_ms = max(self._last_ms + 1, time_ms + self._shift_ms)
            result = self._landmarker.detect_for_video(picture, self._last_ms)
        else:
            result = self._landmarker.detect(picture)
        people = _detections(result, width_px=rgb.shape[1], height_px=rgb.shape[0])
        return [self._as_seen(person) for person in people] if self._smooths else people

    def _as_seen(self, person: Detection) -> Detection:
        """Undo the smoothing of the visibility, which goes on from one stretch to another."""
        smoothed, before = person.visibility, self._smoothed
        self._smoothed = smoothed
        if before is None:
            return person
        seen = before + (smoothed - before) / _NEW_VISIBILITY
        return replace(person, visibility=np.clip(seen, 0.0, 1.0))

    def forget(self) -> None:
        """Start afresh, which is a tenth of the work of opening another estimator.

        In a picture without anybody MediaPipe loses whom it follows and sets back its
        filters; after it landmarks and mask are the same to the last bit whatever came
        before. Call it before the first picture too: a new landmarker begins otherwise.
        """
        if not self._tracking:
            return
        self._last_ms += _PAUSE_MS
        nobody = np.full((_EMPTY_PX, _EMPTY_PX, 3), _GREY, np.uint8)
        picture = self._mp.Image(image_format=self._mp.ImageFormat.SRGB, data=nobody)
        self._landmarker.detect_for_video(picture, self._last_ms)
        self.pause()

    def pause(self) -> None:
        """Let so long pass that filters forget; the place is kept."""
        self._shift_ms = None


def _detections(result: Any, *, width_px: int, height_px: int) -> list[Detection]:  # noqa: ANN401
    masks = result.segmentation_masks or [None] * len(result.pose_landmarks)
    people = zip(result.pose_landmarks, result.pose_world_landmarks, masks, strict=True)
    return [
        Detection(
            xy_px=np.array([(p.x * width_px, p.y * height_px) for p in landmarks]),
            world_m=np.array([(p.x, p.y, p.z) for p in world]),
            visibility=np.array([p.visibility for p in landmarks]),
            # A copy: the view dies with the result.
            mask=None if mask is None else mask.numpy_view()[..., 0].astype(np.float32),
        )
        for landmarks, world, mask in people
    ]
