"""Build MediaPipe's pose bundle out of the two bare networks.

A Tasks bundle is an uncompressed zip of the two TFLite files, each with a
description of its input inside. The detector brings its own; that of the
landmarks is missing, and the writer that mediapipe ships cannot be imported
(1.2.2 lacks a module it needs), so it is written here through mediapipe's own
schema. The result is the same bit for bit on every machine, so that its
checksum can be pinned.
"""

import importlib.util
import io
import zipfile
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


# The landmarker finds the two networks by these names.
DETECTOR_MEMBER: Final = "pose_detector.tflite"
LANDMARKS_MEMBER: Final = "pose_landmarks_detector.tflite"

# The landmarks network was trained on values of 0 to 1: (value - mean) / std.
# Left out or wrong, the joints come out tens of pixels off without a word.
_LANDMARKS_MEAN: Final = 0.0
_LANDMARKS_STD: Final = 255.0


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
        for member, model in (
            (DETECTOR_MEMBER, detector),
            (LANDMARKS_MEMBER, _described(landmarks)),
        ):
            entry = zipfile.ZipInfo(member, date_time=_ZIP_TIME)
            entry.create_system = 3  # Unix, whatever this runs on
            bundle.writestr(entry, model)
    return target.getvalue()


def _described(model: bytes) -> bytes:
    """Return a TFLite model with the description of its input added."""
    tflite = _schema("schema_py_generated")
    content = tflite.ModelT.InitFromObj(tflite.Model.GetRootAsModel(model, 0))
    graph = content.subgraphs[0]
    buffer = tflite.BufferT()
    buffer.data = list(_metadata(n_outputs=len(graph.outputs)))
    content.buffers.append(buffer)
    entry = tflite.MetadataT()
    entry.name = _METADATA_NAME
    entry.buffer = len(content.buffers) - 1
    content.metadata = [*(content.metadata or []), entry]
    # The first size is only a start: twice the model leaves no need to grow.
    return _packed(content, _TFLITE_ID, start_bytes=2 * len(model))


def _metadata(*, n_outputs: int) -> bytes:
    """Describe one picture in and plain numbers out."""
    schema = _schema("metadata_schema_py_generated")
    scaling = schema.NormalizationOptionsT()
    scaling.mean, scaling.std = [_LANDMARKS_MEAN], [_LANDMARKS_STD]
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
