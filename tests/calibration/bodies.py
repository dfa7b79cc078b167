"""A lifter without shape data: average skeleton, clip without wander."""

from dataclasses import replace

from analysis.calibration import independence, motion, sample
from analysis.calibration.sample import Clip
from analysis.calibration.skeleton import average_skeleton


def plain_clip(index: int = 0, **changes: float) -> Clip:
    """Return a drawn clip whose posture is exactly what was drawn: no sway, no noise, no cut."""
    clip = sample.draw("train", index)
    still = replace(
        clip.motion, sway=0.0, lumbar_noise=0.0, cut_start=0.0, cut_end=0.0, heel_rise=0.0
    )
    return replace(clip, motion=replace(still, **changes))


def solved(clip: Clip) -> tuple[motion.Track, motion.Mover]:
    """Pose a clip on the average skeleton."""
    skeleton = average_skeleton()
    mover = motion.Mover(skeleton, independence.average_arms(skeleton, clip), clip)
    return motion.solve(clip, mover), mover
