"""Reads the masks of Maskstream from Kafka."""

from .account import Account
from .frames import BadRecord, Frame, Frames
from .masks import decode_confidence, decode_mask
from .records import ClassTable, FrameId, parse_frame

__all__ = [
    "Account",
    "BadRecord",
    "ClassTable",
    "Frame",
    "FrameId",
    "Frames",
    "decode_confidence",
    "decode_mask",
    "parse_frame",
]
