"""Pictures by OpenGL through EGL; Mesa's software renderer is enough. Needs moderngl.

Each picture is red, green, blue and, as alpha, what is in front (scene.TRUNK and so on).
"""

import functools
import importlib
import os
import typing

import cv2
import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from analysis.calibration import scene, shaders
from analysis.calibration.body import BONE
from analysis.calibration.camera import View
from analysis.calibration.lifter import Lifter
from analysis.calibration.sample import Clip
from analysis.calibration.scene import Piece, Surroundings

#: moderngl and what it hands out; not installed where only the app runs, so not checked.
Gl = typing.Any
moderngl: Gl = importlib.import_module("moderngl")

Array = NDArray[np.float64]
Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Bytes = NDArray[np.uint8]

SHADOW_SIZE = 512
#: Half the width of the space that the lamp's depth picture covers, metres.
SHADOW_REACH = 1.9
NEAR, FAR = 0.1, 60.0
#: Drawn larger and shrunk: in software cheaper than several samples a pixel.
SCALE = 1.25
LAYOUT = "3f 3f 3f 4f"
NAMES = ("rest", "first", "second", "material")


@functools.cache
def context() -> Gl:
    """Return the process's OpenGL context."""
    # The software renderer draws in the worker's own thread; workers are the parallelism.
    os.environ.setdefault("LP_NUM_THREADS", "0")
    return moderngl.create_context(standalone=True, backend="egl")


@functools.cache
def _program(pattern: int, bump: bool, lit: bool) -> Gl:
    fragment = shaders.fragment(pattern, bump=bump, lit=lit)
    return context().program(vertex_shader=shaders.VERTEX, fragment_shader=fragment)


@functools.cache
def _depth_program() -> Gl:
    return context().program(
        vertex_shader=shaders.DEPTH_VERTEX, fragment_shader=shaders.DEPTH_FRAGMENT
    )


def _set(program: Gl, name: str, value: Gl) -> None:
    """Set a uniform if the compiler kept it."""
    if name in program:
        program[name].value = value


@functools.lru_cache(maxsize=4)
def _targets(width: int, height: int) -> tuple[Gl, Gl]:
    """Return two framebuffers, for the room and for the frame, SCALE times the film's size."""
    gl, size = context(), (round(width * SCALE), round(height * SCALE))
    room, frame = (
        gl.framebuffer([gl.renderbuffer(size)], gl.depth_renderbuffer(size)) for _ in range(2)
    )
    return room, frame


@functools.cache
def _shadow_target() -> tuple[Gl, Gl]:
    gl = context()
    texture = gl.depth_texture((SHADOW_SIZE, SHADOW_SIZE))
    texture.compare_func = "<="
    texture.repeat_x = texture.repeat_y = False
    return texture, gl.framebuffer(depth_attachment=texture)


def _direction(elevation: float, azimuth: float) -> Array:
    """Return the unit vector toward a lamp: azimuth 0 the camera's side (+x), 90 behind."""
    e, a = np.radians([elevation, azimuth])
    return np.array([np.cos(e) * np.cos(a), np.cos(e) * np.sin(a), np.sin(e)])


def _normal_sums(n: int, faces: Ints) -> sp.csr_matrix:
    """Return the matrix that adds up face normals at their corners."""
    m = len(faces)
    rows, columns = faces.T.reshape(-1), np.tile(np.arange(m), 3)
    return sp.csr_matrix((np.ones(3 * m, np.float32), (rows, columns)), shape=(n, m))


def _vertex_normals(v: Floats, faces: Ints, sums: sp.csr_matrix) -> Floats:
    a, b, c = v[faces[:, 0]], v[faces[:, 1]], v[faces[:, 2]]
    e, f = b - a, c - a
    n = np.stack(
        [
            e[:, 1] * f[:, 2] - e[:, 2] * f[:, 1],
            e[:, 2] * f[:, 0] - e[:, 0] * f[:, 2],
            e[:, 0] * f[:, 1] - e[:, 1] * f[:, 0],
        ],
        1,
    )
    total = sums @ n
    out: Floats = total / (np.sqrt((total**2).sum(1, keepdims=True)) + 1e-12)
    return out


class _Mesh:
    """Joined pieces on the graphics side; positions may be written anew each frame."""

    def __init__(
        self, pieces: list[Piece], layers: Floats | None = None, *, lit: bool = True
    ) -> None:
        gl = context()
        counts = np.cumsum([0] + [len(p.v) for p in pieces])
        faces = [(p.faces + n).astype(np.int64) for p, n in zip(pieces, counts, strict=False)]
        self.v = np.vstack([p.v for p in pieces]).astype(np.float32)
        self.faces = np.vstack(faces)
        fixed = np.vstack([p.attributes() for p in pieces])
        if layers is not None:
            fixed[:, -1] = layers
        self.sums = _normal_sums(len(self.v), self.faces)
        self._moving = gl.buffer(reserve=self.v.nbytes * 2, dynamic=True)
        self._fixed = gl.buffer(np.ascontiguousarray(fixed).tobytes())
        self._index = gl.buffer(self.faces.astype("i4").tobytes())
        self._depth = gl.vertex_array(
            _depth_program(), [(self._moving, "3f 12x", "place")], self._index
        )
        groups: dict[tuple[int, bool], list[Ints]] = {}
        for piece, f in zip(pieces, faces, strict=True):
            key = (scene.PATTERNS[piece.pattern], piece.bump > 0)
            groups.setdefault(key, []).append(f)
        self.arrays = [
            self._array(_program(pattern, bump, lit), np.vstack(f))
            for (pattern, bump), f in groups.items()
        ]
        self.write(self.v)

    def _array(self, program: Gl, faces: Ints) -> tuple[Gl, Gl]:
        index = context().buffer(faces.astype("i4").tobytes())
        content = [(self._moving, "3f 3f", "place", "normal"), (self._fixed, LAYOUT, *NAMES)]
        return program, context().vertex_array(program, content, index, skip_errors=True)

    def write(self, v: Floats) -> None:
        """Place all vertices."""
        n = _vertex_normals(v, self.faces, self.sums)
        self._moving.write(np.hstack([v, n]).astype(np.float32).tobytes())

    def draw(self, slide: float = 0.0) -> None:
        """Draw into the picture, moved along y by `slide` metres."""
        for program, array in self.arrays:
            _set(program, "slide", (0.0, slide, 0.0))
            array.render()

    def draw_depth(self) -> None:
        """Draw into the lamp's depth picture."""
        self._depth.render()

    def release(self) -> None:
        """Free the graphics memory."""
        arrays = [a for _, a in self.arrays]
        for thing in (*arrays, self._depth, self._moving, self._fixed, self._index):
            thing.release()


class Renderer:
    """Renders the frames of one clip; use as a context manager.

    The room is drawn once; each frame starts from a copy of it. Hand shake is put on the finished
    picture: a camera that only turns changes its picture by a homography.
    """

    def __init__(self, clip: Clip, lifter: Lifter, around: Surroundings, view: View) -> None:
        self.clip, self.view = clip, view
        own = scene.clothing_pieces(lifter, clip)
        layers = np.full(len(lifter.v), scene.TRUNK, np.float32)
        arm_bones = [BONE[b + s] for b in ("uarm", "farm", "hand") for s in "LR"]
        layers[lifter.weights[:, arm_bones].sum(1) > 0.5] = scene.ARM
        self._lifter = _Mesh(own, layers)
        self._gear = _Mesh(around.gear) if around.gear else None
        self._gear_rest = np.vstack([p.v for p in around.gear]) if around.gear else None
        self._moving = [(p.speed, _Mesh([p], lit=False)) for p in around.moving]
        self._carpet = _carpet()
        self._textures = self._upload(around.textures)
        still = _Mesh(around.still, lit=False)
        self._set_uniforms([self._lifter, still, self._carpet, *(m for _, m in self._moving)])
        self._draw_room(still, around)
        still.release()

    def __enter__(self) -> "Renderer":
        """Return the renderer itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Free the graphics memory."""
        for thing in [self._lifter, self._carpet, self._textures, *(m for _, m in self._moving)]:
            thing.release()
        if self._gear is not None:
            self._gear.release()

    def _upload(self, images: Floats) -> Gl:
        data = (np.sqrt(images) * 255).astype(np.uint8)
        layers, h, w, _ = data.shape
        texture = context().texture_array((w, h, layers), 3, data.tobytes())
        texture.build_mipmaps()
        texture.filter = (moderngl.LINEAR_MIPMAP_LINEAR, moderngl.LINEAR)
        return texture

    def _set_uniforms(self, meshes: list[_Mesh]) -> None:
        s, view = self.clip.scene, self.view
        side = 1.0 if self.clip.view == "left" else -1.0
        mirror = np.array([side, 1.0, 1.0])
        key = _direction(s.key_elevation, s.key_azimuth) * mirror
        lamp, camera = _lamp_matrix(key), _camera_matrix(view)
        values: dict[str, Gl] = {
            "key_dir": key,
            "key": np.array(s.key_colour) * s.key,
            "fill_dir": _direction(25.0, -s.key_azimuth) * mirror,
            "fill": np.ones(3) * s.fill,
            "sky": np.array(s.sky) * s.ambient,
            "ground": np.array(s.ground) * s.ambient,
            "eye": view.location,
            "lamp": lamp.T.reshape(-1),
            "camera": camera.T.reshape(-1),
        }
        numbers = {
            "shadow": s.shadow,
            "soft": s.shadow_soft,
            "exposure": s.exposure,
            "contrast": s.contrast,
            "depth": 0,
            "textures": 1,
        }
        programs = [p for m in meshes for p, _ in m.arrays]
        if self._gear is not None:
            programs += [p for p, _ in self._gear.arrays]
        for program in programs:
            for name, value in values.items():
                _set(program, name, tuple(float(a) for a in value))
            for name, number in numbers.items():
                _set(program, name, number)
        _set(_depth_program(), "lamp", tuple(float(a) for a in lamp.T.reshape(-1)))

    def _draw_room(self, still: _Mesh, around: Surroundings) -> None:
        gl = context()
        room, _ = _targets(self.view.width, self.view.height)
        room.use()
        gl.enable(moderngl.DEPTH_TEST)
        r, g, b = (float(np.clip(c, 0, 1)) ** 0.4545 for c in around.clear)
        room.clear(r, g, b, scene.BACKGROUND)
        self._textures.use(1)
        still.draw()

    def _draw_shadow(self) -> None:
        shadow, buffer = _shadow_target()
        buffer.use()
        buffer.clear()
        self._lifter.draw_depth()
        if self._gear is not None:
            self._gear.draw_depth()
        shadow.use(0)

    def picture(self, i: int, t: float, body: Floats, gear: tuple[Array, Array] | None) -> Bytes:
        """Return frame i, shape (height, width, 4), row 0 at the top."""
        gl = context()
        self._lifter.write(body)
        if self._gear is not None and self._gear_rest is not None and gear is not None:
            self._gear.write((self._gear_rest @ gear[0].T + gear[1]).astype(np.float32))
        gl.enable(moderngl.DEPTH_TEST)
        self._draw_shadow()
        room, frame = _targets(self.view.width, self.view.height)
        gl.copy_framebuffer(frame, room)
        frame.use()
        gl.enable(moderngl.BLEND)
        gl.blend_func = moderngl.DST_COLOR, moderngl.ZERO, moderngl.ZERO, moderngl.ONE
        self._carpet.draw()
        gl.disable(moderngl.BLEND)
        self._lifter.draw()
        if self._gear is not None:
            self._gear.draw()
        for speed, piece in self._moving:
            piece.draw(speed * t)
        data = np.frombuffer(frame.read(components=4), np.uint8)
        large = data.reshape(frame.height, frame.width, 4)[::-1]
        size = (self.view.width, self.view.height)
        picture = cv2.resize(np.ascontiguousarray(large), size, interpolation=cv2.INTER_AREA)
        return self._shaken(np.asarray(picture, dtype=np.uint8), i)

    def _shaken(self, picture: Bytes, i: int) -> Bytes:
        if self.clip.camera.shake == 0:
            return picture
        v = self.view
        k = np.array([[v.focal_px, 0, -v.width / 2], [0, -v.focal_px, -v.height / 2], [0, 0, -1.0]])
        turn = v.matrices[i][:3, :3] @ v.still[:3, :3].T
        h = k @ turn @ np.linalg.inv(k)
        size = (v.width, v.height)
        warped = cv2.warpPerspective(
            np.ascontiguousarray(picture), h, size, borderMode=cv2.BORDER_REPLICATE
        )
        return np.asarray(warped, dtype=np.uint8)


def _carpet() -> _Mesh:
    """Return a square of floor that only takes the shadow."""
    v = np.array([[-2.5, -2.5, 0.004], [2.5, -2.5, 0.004], [2.5, 2.5, 0.004], [-2.5, 2.5, 0.004]])
    return _Mesh([Piece(v, np.array([[0, 1, 2], [0, 2, 3]]), (1.0, 1.0, 1.0), pattern="shade")])


def _lamp_matrix(key: Array) -> Array:
    """Orthographic view of the lifter's space from the lamp."""
    ahead = -key
    right = np.cross(ahead, [0.0, 1.0, 0.01])
    right = right / np.linalg.norm(right)
    turn = np.stack([right, np.cross(right, ahead), -ahead])
    m = np.eye(4)
    m[:3, :3] = turn / SHADOW_REACH
    m[2, :3] = -turn[2] / 6.0
    m[:3, 3] = -m[:3, :3] @ np.array([0.0, 0.0, 0.9])
    return m


def _camera_matrix(view: View) -> Array:
    """Projection times the matrix of the camera at rest."""
    f = 2 * view.focal_px
    p = np.zeros((4, 4))
    p[0, 0], p[1, 1] = f / view.width, f / view.height
    p[2, 2], p[2, 3] = (FAR + NEAR) / (NEAR - FAR), 2 * FAR * NEAR / (NEAR - FAR)
    p[3, 2] = -1
    return np.asarray(p @ view.still)
