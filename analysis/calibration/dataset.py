"""From collected footage to what the networks are trained on.

The way is the app's own, stage by stage; only the truth is added.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.angles import leg_length_px
from analysis.estimator import OUTPUTS
from analysis.filmcheck import TRUSTED
from analysis.footage import Footage
from analysis.measure import prepare
from analysis.pose import PoseTrack

# A film shorter than this is too little to see a movement in; a photo is no film.
_FEWEST_FRAMES, _FEWEST_OF_STILL = 8, 3
# Thigh angle under which a frame counts as deep.
DEEP_DEG = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One rendered clip as the estimator sees it, with the truth; arrays (T, ...).

    Attributes
    ----------
    name : str
    features : ndarray, shape (T, D)
    target : ndarray, shape (T, 7)
        What the networks have to say, in the order of the outputs; NaN = unknown.
    first_guess_deg : ndarray, shape (T,)
        What the lumbar target was lessened by.
    usable, deep : ndarray of bool, shape (T,)
    hidden : ndarray, shape (T,)
        Share of the lower back's outline that something hides.
    trusted : float
        Share of frames in which the joints make a possible body.
    side_right : bool
        Whether the side of the body was recognised.
    photos : int
        Of which it is made: one or two stills, 0 for a film.
    meta : dict
        Of the truth file.
    """

    name: str
    features: NDArray[np.float32]
    target: NDArray[np.float64]
    first_guess_deg: NDArray[np.float64]
    usable: NDArray[np.bool_]
    deep: NDArray[np.bool_]
    hidden: NDArray[np.float64]
    trusted: float
    side_right: bool
    photos: int
    meta: dict[str, Any]

    @property
    def is_still(self) -> bool:
        """Whether it is made of photos."""
        return self.photos > 0

    @property
    def is_fair(self) -> bool:
        """Whether the app would say anything of the back: trusted joints, no bar before it."""
        return self.side_right and self.trusted > TRUSTED and not self.has_bar

    @property
    def has_bar(self) -> bool:
        """Whether a barbell is on the back or before the chest."""
        return self.meta["arms"] in ("bar", "front_rack")


def load_sample(path: Path) -> Sample | None:
    """Read one collected clip.

    Parameters
    ----------
    path : Path
        An npz of :func:`analysis.calibration.collect.collect`.

    Returns
    -------
    Sample or None
        None where the app would find nothing to measure.
    """
    arrays = _read(path)
    return None if arrays is None else _sample(path.stem, arrays)


def load_stills(path: Path) -> list[Sample]:
    """Read one collected pair of stills: the pair, and that of the squat alone.

    Parameters
    ----------
    path : Path
        An npz of :mod:`analysis.calibration.stillcut`.
    """
    arrays = _read(path)
    if arrays is None:
        return []
    n_frames, n_squat = len(arrays["time_s"]), int(arrays["n_squat"])
    alone = {
        name: values[-n_squat:] if values.shape[:1] == (n_frames,) else values
        for name, values in arrays.items()
    }
    both = (_sample(path.stem, arrays, photos=2), _sample(path.stem, alone, photos=1))
    return [sample for sample in both if sample is not None]


def _read(path: Path) -> dict[str, NDArray[Any]] | None:
    with np.load(path, allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    return None if "problem" in arrays else arrays


def _sample(name: str, arrays: dict[str, NDArray[Any]], *, photos: int = 0) -> Sample | None:
    fewest = _FEWEST_OF_STILL if photos else _FEWEST_FRAMES
    footage = _footage(arrays)
    track = footage.track
    if not np.isfinite(leg_length_px(track)) or len(track.time_s) < fewest:
        return None
    ready = prepare(footage)
    if ready.usable.sum() < fewest:
        return None
    features, meta = ready.features, json.loads(str(arrays["meta"]))
    guess = features.first_guess_deg(ready.baseline)
    past_toe = ready.angles.knee_past_toe_px / features.leg_px
    return Sample(
        name=name,
        features=ready.network_input.astype(np.float32),
        target=_target(arrays, meta, guess, features.raw_deg, past_toe=past_toe),
        first_guess_deg=guess,
        usable=ready.usable,
        deep=arrays["true_thigh_deg"] < DEEP_DEG,
        hidden=np.nan_to_num(arrays["true_back_hidden"]),
        trusted=ready.trusted_share,
        side_right=str(footage.side) == meta["view_side"],
        photos=photos,
        meta=meta,
    )


def _target(
    arrays: dict[str, NDArray[Any]],
    meta: dict[str, Any],
    guess_deg: NDArray[np.float64],
    raw_deg: dict[str, NDArray[np.float64]],
    *,
    past_toe: NDArray[np.float64],
) -> NDArray[np.float64]:
    leg_cm = meta["body"]["thigh_cm"] + meta["body"]["shank_cm"]
    arch_deg = meta["standing_baseline"]["lumbar_flexion_deg"]
    stand_off_cm = meta.get("back_stand_off_cm", np.nan)
    columns = {
        "lumbar_deg": arrays["true_lumbar_flexion_vs_standing_deg"] - guess_deg,
        "thigh_deg": arrays["true_thigh_deg"] - raw_deg["thigh"],
        "ankle_deg": arrays["true_ankle_dorsiflexion_deg"] - raw_deg["shank"],
        "trunk_deg": arrays["true_trunk_line_lean_deg"] - raw_deg["trunk"],
        "knee_past_toe": arrays["true_knee_past_toe_cm"] / leg_cm - past_toe,
        "arch_deg": np.full(len(guess_deg), float(arch_deg)),
        "stand_off": np.full(len(guess_deg), float(stand_off_cm) / leg_cm),
    }
    return np.stack([columns[name] for name in OUTPUTS], axis=1)


def _footage(arrays: dict[str, NDArray[Any]]) -> Footage:
    track = PoseTrack(
        time_s=arrays["time_s"],
        xy_px=arrays["xy_px"].astype(float),
        world_m=arrays["world_m"].astype(float),
        visibility=arrays["visibility"].astype(float),
    )
    return Footage(
        track=track,
        side="left" if str(arrays["side"]) == "left" else "right",
        body_px=float(arrays["body_px"]),
        ray_px=arrays["ray_px"].astype(float),
        back_px=arrays["back_px"].astype(float),
        patch=arrays["patch"],
        top_px=arrays["top_px"],
        brightness=float(arrays["brightness"]),
        roll_deg=float(arrays["roll_deg"]),
    )
