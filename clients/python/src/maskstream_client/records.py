"""The records: segmented frames in Protobuf, class tables in JSON."""

import json
from importlib import resources
from typing import NamedTuple

from google.protobuf import descriptor_pool, message, message_factory

# The compiled segmented_frame.proto: generated code would bind users to one version of Protobuf.
_POOL = descriptor_pool.DescriptorPool()
_POOL.AddSerializedFile(resources.files(__package__).joinpath("segmented_frame.desc").read_bytes())
SegmentedFrame = message_factory.GetMessageClass(
    _POOL.FindMessageTypeByName("maskstream.v1.SegmentedFrame")
)


class FrameId(NamedTuple):
    """Identity of a frame; epoch counts connections to the camera, capture_micros is since 1970."""

    camera: str
    epoch: int
    sequence: int
    capture_micros: int


class ClassTable(NamedTuple):
    """Classes in the order of their ids; colors as "#RRGGBB"."""

    id: str
    names: tuple[str, ...]
    colors: tuple[str, ...]
    groups: tuple[str, ...]

    @staticmethod
    def parse(value: bytes) -> "ClassTable":
        """Reads a record of the topic class-tables; ValueError where it is none."""
        try:
            table = json.loads(value)
            entries = table["classes"]
            names, colors, groups = (
                tuple(entry[field] for entry in entries) for field in ("name", "color", "group")
            )
            if not all(isinstance(text, str) for text in (table["id"], *names, *colors, *groups)):
                raise ValueError("id, names, colors and groups must be texts")
            return ClassTable(table["id"], names, colors, groups)
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"it is no class table: {error!r}") from error


def parse_frame(value: bytes):
    """Reads the value of a record of segmented-frames; ValueError where it is none."""
    try:
        return SegmentedFrame.FromString(value)
    except message.DecodeError as error:
        raise ValueError(f"it is no segmented frame of {len(value)} bytes") from error
