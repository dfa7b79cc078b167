"""What the pose model says of one picture."""

import numpy as np

from analysis.pose import Detection, Landmark


def test_in_the_mirror_left_is_right() -> None:
    """Each joint changes place with its other side, and twice mirrored all is as it was."""
    random = np.random.default_rng(3)
    mask = random.random((40, 30)).astype(np.float32)
    person = Detection(
        xy_px=random.uniform(0, 30, (33, 2)),
        world_m=random.normal(size=(33, 3)),
        visibility=random.random(33),
        mask=mask.copy(),
    )
    other = person.mirrored(30)
    for landmark in Landmark:
        left, right = (landmark, landmark) if landmark == 0 else (landmark, landmark + 1)
        np.testing.assert_allclose(
            other.xy_px[left] + person.xy_px[right], [30, 2 * person.xy_px[right, 1]]
        )
        np.testing.assert_array_equal(other.world_m[left], person.world_m[right] * [-1, 1, 1])
        assert other.visibility[left] == person.visibility[right]
    assert other.mask is not None
    assert other.mask.flags.c_contiguous
    np.testing.assert_array_equal(other.mask, mask[:, ::-1])
    again = other.mirrored(30)
    np.testing.assert_allclose(again.xy_px, person.xy_px)
    np.testing.assert_array_equal(again.world_m, person.world_m)
    np.testing.assert_array_equal(again.visibility, person.visibility)
    np.testing.assert_array_equal(person.mask, mask)
