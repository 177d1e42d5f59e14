"""What needs no broker."""

import io
import unittest
from unittest import mock

import numpy
import zstandard
from PIL import Image

from maskstream_client import Account, ClassTable, Frame, FrameId, Frames
from maskstream_client import decode_confidence, decode_mask, parse_frame
from maskstream_client.records import SegmentedFrame

ROWS = numpy.array([[0, 1, 1], [0, 0, 1]], numpy.uint8)


def mask(encoding, data=b"", runs=(), width=3, height=2):
    made = SegmentedFrame().mask
    made.width, made.height, made.encoding, made.data = width, height, encoding, data
    for class_id, counts in runs:
        made.runs.add(class_id=class_id, counts=counts)
    return made


def png(mode="P"):
    image = Image.fromarray(ROWS).convert("L")
    if mode == "P":
        image.putpalette([value // 3 for value in range(768)])
    else:
        image = image.convert(mode)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


class DecodeMask(unittest.TestCase):
    def test_every_encoding_gives_the_same_mask(self):
        for made in (
            mask(1, ROWS.tobytes()),
            mask(2, zstandard.compress(ROWS.tobytes())),
            mask(3, png()),
            mask(4, runs=[(0, b"021O1"), (1, b"2111")]),
        ):
            numpy.testing.assert_array_equal(decode_mask(made), ROWS)

    def test_what_does_not_fit_is_one_value_error(self):
        for made, message in (
            (mask(1, b"12"), "a mask of 3x2 has 2 bytes"),
            (mask(0), "unknown mask encoding 0"),
            (mask(1, width=-3, height=-2), "a mask of -3x-2 pixels"),
            (mask(1, width=1 << 14, height=1 << 14), "it must have 1 to 67108864"),
            (mask(2, zstandard.compress(bytes(1 << 20))), "has 1048576 bytes, not 6"),
            (mask(2, b"12345678"), "no Zstandard frame"),
            (mask(3, png()[:40]), "the PNG of a mask is damaged"),
            (mask(3, png("RGB")), "RGB"),
            (mask(4), "must give each pixel one class"),
            (mask(4, runs=[(0, b"06"), (1, b"51")]), "must give each pixel one class"),
            (mask(4, runs=[(0, b"07")]), "do not fit"),
            (mask(4, runs=[(0, b"0o")]), "not COCO's text"),
            (mask(4, runs=[(0, b"0" + b"o" * 9 + b"0")]), "without an end"),
            (mask(4, runs=[(300, b"06")]), "must be 0 to 255, is 300"),
        ):
            with self.assertRaisesRegex(ValueError, message):
                decode_mask(made)


class DecodeConfidence(unittest.TestCase):
    def confidence(self, encoding, data, width=3, height=2):
        made = SegmentedFrame()
        made.confidence.width, made.confidence.height = width, height
        made.confidence.encoding, made.confidence.data = encoding, data
        return made

    def test_map_of_a_frame(self):
        values = numpy.array([[0, 1, 255], [128, 7, 3]], numpy.uint8)
        table = ClassTable("t", ("a",), ("#000000",), ("g",))
        for record in (
            self.confidence(1, values.tobytes()),
            self.confidence(2, zstandard.compress(values.tobytes())),
        ):
            numpy.testing.assert_array_equal(Frame(record, table).confidence, values)
        self.assertIsNone(Frame(SegmentedFrame(), table).confidence)

    def test_what_does_not_fit_is_one_value_error(self):
        for record, message in (
            (self.confidence(1, b"12"), "a confidence map of 3x2 has 2 bytes"),
            (self.confidence(3, b""), "unknown encoding of a confidence map 3"),
            (self.confidence(1, b"", 0, 0), "a confidence map of 0x0 pixels"),
            (self.confidence(2, zstandard.compress(bytes(9))), "has 9 bytes, not 6"),
        ):
            with self.assertRaisesRegex(ValueError, message):
                decode_confidence(record.confidence)


class Records(unittest.TestCase):
    def test_values_that_are_none_are_value_errors(self):
        with self.assertRaisesRegex(ValueError, "no segmented frame of 3 bytes"):
            parse_frame(b"\xff\xff\xff")
        for value in (
            b"",
            b"[]",
            b'{"id": "x"}',
            b'{"id": [], "classes": []}',
            b'{"id": "x", "classes": [null]}',
            b'{"id": "x", "classes": [{"name": null, "color": "#000000", "group": "g"}]}',
        ):
            with self.assertRaisesRegex(ValueError, "no class table"):
                ClassTable.parse(value)

    def test_unknown_table_is_looked_for_once_in_a_while_though_frames_come(self):
        looks = []
        frames = Frames.__new__(Frames)
        frames._tables, frames._unknown_tables, frames._tables_topic = {}, {}, "class-tables"
        frames._read_tables = lambda: looks.append(now)
        with mock.patch("maskstream_client.frames.time.monotonic", side_effect=lambda: now):
            for now in range(13):
                with self.assertRaisesRegex(ValueError, "no class table late"):
                    frames._table("late")
        self.assertEqual(looks, [0, 6, 12])


class Accounts(unittest.TestCase):
    def test_counts_repeated_and_missing_frames(self):
        account = Account(window=4)
        self.assertTrue(account.add(FrameId("a", 1, 10, 0)))
        self.assertFalse(account.add(FrameId("a", 1, 10, 0)))
        self.assertTrue(account.add(FrameId("a", 1, 13, 0)))
        self.assertEqual(account.missing("a"), 2)
        self.assertTrue(account.add(FrameId("a", 1, 11, 0), "dropped"))
        self.assertEqual(account.missing("a"), 1)
        self.assertTrue(account.add(FrameId("a", 2, 0, 0)))
        self.assertTrue(account.add(FrameId("b", 2, 0, 0)))
        self.assertFalse(account.add(FrameId("a", 1, 9, 0)))  # before the window
        self.assertEqual(account.counts["a"], {"segmented": 3, "dropped": 1, "repeated": 2})
        self.assertEqual(account.missing("b"), 0)

    def test_epochs_that_are_forgotten_keep_their_missing_frames(self):
        account = Account()
        for epoch in range(20):
            account.add(FrameId("a", epoch, 0, 0))
            account.add(FrameId("a", epoch, 2, 0))
        self.assertEqual(account.missing("a"), 20)
        self.assertFalse(account.add(FrameId("a", 0, 1, 0)))


if __name__ == "__main__":
    unittest.main()
