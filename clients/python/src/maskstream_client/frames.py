"""Frames from Kafka."""

import json
import logging
import time
from functools import cached_property

import numpy
from confluent_kafka import Consumer, KafkaError, KafkaException, OFFSET_BEGINNING, TopicPartition

from .account import DROPPED, Account
from .masks import decode_confidence, decode_mask
from .records import ClassTable, FrameId, parse_frame

_log = logging.getLogger(__name__)

_TABLE_SECONDS = 10

# A table that was not there is looked for again after this time.
_LOOK_AGAIN_SECONDS = 5


class BadRecord(ValueError):
    """A record that cannot be read; the message names it and says what is wrong."""


class Frame:
    """A segmented frame."""

    def __init__(self, record, table: ClassTable):
        self.record = record
        self.table = table
        self.id = FrameId(record.camera, record.epoch, record.sequence, record.capture_micros)

    @cached_property
    def mask(self) -> numpy.ndarray:
        """Class ids: uint8 [height, width]. ValueError says what is wrong with the record's mask."""
        return decode_mask(self.record.mask)

    @cached_property
    def confidence(self) -> numpy.ndarray | None:
        """How sure the model is: uint8 [height, width], coarser than the mask, 255 for a probability of 1.

        None where the deployment does not write it (segment.confidence). ValueError says what is wrong.
        """
        has = self.record.HasField("confidence")
        return decode_confidence(self.record.confidence) if has else None

    def shares(self) -> dict[str, float]:
        """Share of the mask by class name, of the classes that occur."""
        pixels = self.record.mask.width * self.record.mask.height
        return {
            name: entry.pixels / pixels
            for name, entry in zip(self.table.names, self.record.classes)
            if entry.pixels
        }


class Frames:
    """Frames of all cameras as they are segmented, each once.

    settings go to confluent-kafka's Consumer, over those made here; with drops=True the account
    knows of frames that were dropped, too.
    """

    def __init__(
        self,
        bootstrap: str,
        group: str,
        prefix: str = "maskstream",
        drops: bool = False,
        settings: dict | None = None,
    ):
        self._settings = {
            "bootstrap.servers": bootstrap,
            "group.id": group,
            "auto.offset.reset": "latest",
            "isolation.level": "read_committed",
            **(settings or {}),
        }
        self._tables: dict[str, ClassTable] = {}
        self._unknown_tables: dict[str, float] = {}  # when they were looked for
        self._tables_topic = f"{prefix}.class-tables"
        self._drops_topic = f"{prefix}.drops"
        self.account = Account()
        self._consumer = Consumer(self._settings)
        self._consumer.subscribe(
            [f"{prefix}.segmented-frames"] + ([self._drops_topic] if drops else [])
        )

    def poll(self, timeout: float = 1.0) -> Frame | None:
        """The next frame, or None where none comes in time (seconds), or a record was no new frame."""
        record = self._consumer.poll(timeout)
        if record is None:
            return None
        if record.error():
            if record.error().fatal() or record.error().code() == KafkaError.UNKNOWN_TOPIC_OR_PART:
                raise KafkaException(record.error())
            return None  # the client tries again by itself
        try:
            return self._take(record)
        except ValueError as error:
            raise BadRecord(
                f"record {record.offset()} of {record.topic()}-{record.partition()}: {error}"
            ) from error

    def _take(self, record) -> Frame | None:
        if record.topic() == self._drops_topic:
            self._take_drop(record)
            return None
        frame = parse_frame(record.value() or b"")
        if not frame.camera:
            raise ValueError("it is no segmented frame: it names no camera")
        found = Frame(frame, self._table(frame.class_table))
        return found if self.account.add(found.id) else None

    def _take_drop(self, record) -> None:
        if record.key() is None:
            return  # a range that expired belongs to no camera
        try:
            drop = json.loads(record.value())
            frame = FrameId(drop["camera"], drop["epoch"], drop["sequence"], drop["captureMicros"])
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"it is no drop: {error!r}") from error
        self.account.add(frame, DROPPED)

    def _table(self, name: str) -> ClassTable:
        now = time.monotonic()
        missed = self._unknown_tables.get(name)
        if name not in self._tables and (missed is None or now - missed > _LOOK_AGAIN_SECONDS):
            self._read_tables()
            if name not in self._tables:
                self._unknown_tables[name] = now
        if name not in self._tables:
            raise ValueError(f"{self._tables_topic} has no class table {name}")
        return self._tables[name]

    def _read_tables(self) -> None:
        """Reads the compacted topic from its beginning to its present end."""
        consumer = Consumer({**self._settings, "enable.auto.commit": False, "enable.partition.eof": True})
        try:
            metadata = consumer.list_topics(self._tables_topic, timeout=_TABLE_SECONDS)
            partitions = metadata.topics[self._tables_topic].partitions
            consumer.assign(
                [TopicPartition(self._tables_topic, p, OFFSET_BEGINNING) for p in partitions]
            )
            left = set(partitions)
            deadline = time.monotonic() + _TABLE_SECONDS
            while left and time.monotonic() < deadline:
                record = consumer.poll(1)
                if record is None:
                    continue
                if record.error():
                    if record.error().code() != KafkaError._PARTITION_EOF:
                        raise KafkaException(record.error())
                    left.discard(record.partition())
                elif record.value() is not None:
                    self._take_table(record)
        finally:
            consumer.close()

    def _take_table(self, record) -> None:
        try:
            table = ClassTable.parse(record.value())
            self._tables[table.id] = table
        except ValueError as error:
            _log.warning("record %d of %s: %s", record.offset(), record.topic(), error)

    def __iter__(self):
        while True:
            frame = self.poll()
            if frame is not None:
                yield frame

    def close(self) -> None:
        """Leaves the group."""
        self._consumer.close()

    def __enter__(self) -> "Frames":
        return self

    def __exit__(self, *_) -> None:
        self.close()
