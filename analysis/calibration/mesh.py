"""Small tools on meshes of triangles and quads (a missing fourth corner repeats the first)."""

from dataclasses import dataclass, field

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

Array = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(slots=True)
class Part:
    """One piece of a body or its clothes, at rest.

    Attributes
    ----------
    v : ndarray, shape (n, 3)
        Vertices, metres.
    faces : ndarray, shape (m, 4)
        Corners; a triangle repeats one.
    weights : ndarray, shape (n, bones)
        Skin weights.
    tint : ndarray, shape (n, 3), or None
        Factor on the material's colour.
    """

    name: str
    kind: str
    v: Array
    faces: Ints
    weights: Array
    tint: Array | None = None
    extra: dict[str, Array] = field(default_factory=dict)


def compact(v: Array, faces: Ints, *rest: Array) -> tuple[Array, Ints, list[Array], Ints]:
    """Keep only the vertices that the faces use; also returns their old numbers."""
    used = np.unique(faces)
    number = np.full(len(v), -1)
    number[used] = np.arange(len(used))
    return v[used].copy(), number[faces], [a[used].copy() for a in rest], used


def triangles(faces: Ints) -> Ints:
    """Split quads into triangles, leaving out those without area."""
    both = np.vstack([faces[:, :3], faces[:, [0, 2, 3]]])
    flat = (both[:, 0] == both[:, 1]) | (both[:, 1] == both[:, 2]) | (both[:, 0] == both[:, 2])
    kept: Ints = both[~flat]
    return kept


def normals(v: Array, faces: Ints) -> Array:
    """Return unit normals per vertex."""
    n = np.zeros_like(v)
    face = np.cross(v[faces[:, 2]] - v[faces[:, 0]], v[faces[:, 3]] - v[faces[:, 1]])
    for k in range(4):
        np.add.at(n, faces[:, k], face)
    return np.asarray(n / (np.linalg.norm(n, axis=1, keepdims=True) + 1e-12))


def neighbours(n: int, faces: Ints) -> sp.csr_matrix:
    """Return the matrix that averages over each vertex's neighbours."""
    i = np.concatenate([faces[:, a] for a in (0, 1, 2, 3)])
    j = np.concatenate([faces[:, b] for b in (1, 2, 3, 0)])
    keep = i != j
    i, j = i[keep], j[keep]
    links = sp.coo_matrix((np.ones(2 * len(i)), (np.r_[i, j], np.r_[j, i])), shape=(n, n)).tocsr()
    links.data[:] = 1
    count = np.asarray(links.sum(1)).ravel()
    return sp.diags(1 / np.maximum(count, 1)) @ links


def smooth(a: Array, average: sp.csr_matrix, times: int, amount: float = 0.5) -> Array:
    """Move values toward the mean of their neighbours."""
    for _ in range(times):
        a = a + amount * (average @ a - a)
    return a


def subdivide(part: Part) -> Part:
    """Split each face into four and round the result off a little."""
    f = part.faces
    if np.any(f[:, 0] == f[:, 3]) or len(f) == 0:
        return part
    n = len(part.v)
    edges = np.sort(np.stack([f, np.roll(f, -1, 1)], -1).reshape(-1, 2), 1)
    pairs, number = np.unique(edges, axis=0, return_inverse=True)
    edge = (n + number.reshape(-1)).reshape(-1, 4)
    centre = n + len(pairs) + np.arange(len(f))
    quads = [np.stack([f[:, k], edge[:, k], centre, edge[:, (k + 3) % 4]], 1) for k in range(4)]
    faces = np.vstack(quads)

    def grow(a: Array) -> Array:
        return np.vstack([a, a[pairs].mean(1), a[f].mean(1)])

    v = grow(part.v)
    average = neighbours(len(v), faces)
    v = smooth(v, average, 1, 0.35)
    tint = None if part.tint is None else grow(part.tint)
    extra = {k: grow(a) for k, a in part.extra.items()}
    return Part(part.name, part.kind, v, faces, grow(part.weights), tint, extra)


def ellipsoid(
    centre: Array, radii: tuple[float, float, float], nu: int = 14, nv: int = 10
) -> tuple[Array, Ints]:
    """Return an ellipsoid's vertices and faces."""
    a, b = np.pi * np.arange(nv + 1) / nv, 2 * np.pi * np.arange(nu) / nu
    ring = np.stack(
        [
            np.outer(np.sin(a), np.cos(b)),
            np.outer(np.sin(a), np.sin(b)),
            np.outer(np.cos(a), np.ones(nu)),
        ],
        -1,
    )
    i, j = np.meshgrid(np.arange(nv), np.arange(nu), indexing="ij")
    k = (j + 1) % nu
    faces = np.stack([i * nu + j, i * nu + k, (i + 1) * nu + k, (i + 1) * nu + j], -1)
    return ring.reshape(-1, 3) * radii + centre, faces.reshape(-1, 4)


def box(centre: tuple[float, float, float], size: tuple[float, float, float]) -> tuple[Array, Ints]:
    """Return a box with corners of its own for each side, so that its edges stay sharp."""
    corners = np.array([[x, y, z] for x in (-0.5, 0.5) for y in (-0.5, 0.5) for z in (-0.5, 0.5)])
    sides = np.array(
        [[0, 1, 3, 2], [4, 6, 7, 5], [0, 4, 5, 1], [2, 3, 7, 6], [0, 2, 6, 4], [1, 5, 7, 3]]
    )
    v = corners[sides.reshape(-1)] * np.array(size) + np.array(centre)
    return v, np.arange(24).reshape(6, 4)


def cylinder(
    centre: tuple[float, float, float], radius: float, length: float, axis: int, n: int = 24
) -> tuple[Array, Ints]:
    """Return a closed cylinder along an axis (0 x, 1 y, 2 z) with sharp rims."""
    a = 2 * np.pi * np.arange(n) / n
    others = [i for i in range(3) if i != axis]
    ring = np.zeros((n, 3))
    ring[:, others[0]], ring[:, others[1]] = radius * np.cos(a), radius * np.sin(a)
    step = np.zeros(3)
    step[axis] = length / 2
    low, high = ring - step, ring + step
    v = np.vstack([low, high, low, high, [-step, step]]) + np.array(centre)
    i, j = np.arange(n), (np.arange(n) + 1) % n
    side = np.stack([i, j, n + j, n + i], 1)
    caps = [np.stack([2 * n + j, 2 * n + i, np.full(n, 4 * n), np.full(n, 4 * n)], 1)]
    caps += [np.stack([3 * n + i, 3 * n + j, np.full(n, 4 * n + 1), np.full(n, 4 * n + 1)], 1)]
    return v, np.vstack([side, *caps])
