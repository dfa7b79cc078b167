"""Build MediaPipe's pose bundle out of the two bare networks.

A Tasks bundle is an uncompressed zip of the two TFLite files, each with a
description of its input inside. The writer that mediapipe ships cannot be
imported (1.2.2 lacks a module it needs), so the description is written here
through mediapipe's own schema. The result is the same bit for bit on every
machine, so that its checksum can be pinned.
"""

import importlib.util
import io
import zipfile
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Final, Protocol

import flatbuffers

# The identifiers of the two flatbuffer formats.
_METADATA_ID: Final = b"M001"
_TFLITE_ID: Final = b"TFL3"
_METADATA_NAME: Final = "TFLITE_METADATA"

# The least a zip can say; any fixed time makes the bundle reproducible.
_ZIP_TIME: Final = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """One of the two networks of a pose bundle.

    Parameters
    ----------
    member : str
        Its name in the bundle; the landmarker finds it by that.
    mean, std : float
        The picture is put in as (value - mean) / std with values of 0 to 255:
        the detector was trained on -1 to 1, the landmarks on 0 to 1.
    """

    member: str
    mean: float
    std: float


DETECTOR: Final = Network(member="pose_detector.tflite", mean=127.5, std=127.5)
LANDMARKS: Final = Network(member="pose_landmarks_detector.tflite", mean=0.0, std=255.0)


def build_bundle(*, detector: bytes, landmarks: bytes) -> bytes:
    """Make a Tasks bundle of two TFLite files.

    Parameters
    ----------
    detector, landmarks : bytes
        The networks as mediapipe 0.10.21 ships them.

    Returns
    -------
    bytes
        The bundle, for ``BaseOptions(model_asset_buffer=...)``.
    """
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as bundle:
        for network, model in ((DETECTOR, detector), (LANDMARKS, landmarks)):
            entry = zipfile.ZipInfo(network.member, date_time=_ZIP_TIME)
            entry.create_system = 3  # Unix, whatever this runs on
            bundle.writestr(entry, _described(model, network))
    return target.getvalue()


def _described(model: bytes, network: Network) -> bytes:
    """Return a TFLite model with the description of its input added."""
    tflite = _schema("schema_py_generated")
    content = tflite.ModelT.InitFromObj(tflite.Model.GetRootAsModel(model, 0))
    graph = content.subgraphs[0]
    buffer = tflite.BufferT()
    buffer.data = list(_metadata(network, n_outputs=len(graph.outputs)))
    content.buffers.append(buffer)
    entry = tflite.MetadataT()
    entry.name = _METADATA_NAME
    entry.buffer = len(content.buffers) - 1
    content.metadata = [*(content.metadata or []), entry]
    # The first size is only a start: twice the model leaves no need to grow.
    return _packed(content, _TFLITE_ID, start_bytes=2 * len(model))


def _metadata(network: Network, *, n_outputs: int) -> bytes:
    """Describe one picture in and plain numbers out."""
    schema = _schema("metadata_schema_py_generated")
    scaling = schema.NormalizationOptionsT()
    scaling.mean, scaling.std = [network.mean], [network.std]
    unit = schema.ProcessUnitT()
    unit.optionsType = schema.ProcessUnitOptions.NormalizationOptions
    unit.options = scaling
    picture = schema.TensorMetadataT()
    picture.processUnits = [unit]
    graph = schema.SubGraphMetadataT()
    graph.inputTensorMetadata = [picture]
    graph.outputTensorMetadata = [schema.TensorMetadataT() for _ in range(n_outputs)]
    model = schema.ModelMetadataT()
    model.subgraphMetadata = [graph]
    return _packed(model, _METADATA_ID, start_bytes=1024)


class _Packable(Protocol):
    """An object of flatbuffers' object interface; its names are not ours."""

    def Pack(self, builder: flatbuffers.Builder) -> int: ...


def _packed(content: _Packable, identifier: bytes, *, start_bytes: int) -> bytes:
    """Serialise a flatbuffers object under its file identifier."""
    builder = flatbuffers.Builder(start_bytes)
    builder.Finish(content.Pack(builder), file_identifier=identifier)
    return bytes(builder.Output())


def _schema(name: str) -> ModuleType:
    """Load one of mediapipe's schema files without importing mediapipe.

    The import of mediapipe itself needs graphics libraries of the system, and
    the schema is plain Python.
    """
    package = importlib.util.find_spec("mediapipe")
    if package is None or not package.submodule_search_locations:
        raise ImportError("mediapipe is not installed")
    path = Path(package.submodule_search_locations[0], "tasks", "metadata", f"{name}.py")
    spec = importlib.util.spec_from_file_location(f"_mediapipe_{name}", path)
    if spec is None or spec.loader is None:
        raise ImportError(f"mediapipe holds no {name}")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
