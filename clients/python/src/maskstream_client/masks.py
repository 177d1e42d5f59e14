"""Masks and confidence maps of records as arrays."""

import io

import numpy
import zstandard

RAW, ZSTD, PNG, RLE = 1, 2, 3, 4
MAX_PIXELS = 1 << 26


def decode_mask(mask) -> numpy.ndarray:
    """Class ids of a record's mask: uint8 [height, width]. ValueError says what is wrong."""
    width, height = mask.width, mask.height
    if width < 1 or height < 1 or width * height > MAX_PIXELS:
        raise ValueError(f"a mask of {width}x{height} pixels, it must have 1 to {MAX_PIXELS}")
    if mask.encoding == RLE:
        return _runs(mask.runs, width, height)
    if mask.encoding == PNG:
        return _png(mask.data, width, height)
    if mask.encoding == ZSTD:
        return _rows(_decompressed(mask.data, width * height), width, height)
    if mask.encoding == RAW:
        return _rows(mask.data, width, height)
    raise ValueError(f"unknown mask encoding {mask.encoding}")


def decode_confidence(confidence) -> numpy.ndarray:
    """A record's confidence map: uint8 [height, width], 255 times the probability of the winning class.

    It is coarser than the mask and covers the same part of the picture. ValueError says what is wrong.
    """
    width, height = confidence.width, confidence.height
    if width < 1 or height < 1 or width * height > MAX_PIXELS:
        raise ValueError(f"a confidence map of {width}x{height} pixels, it must have 1 to {MAX_PIXELS}")
    if confidence.encoding == ZSTD:
        data = _decompressed(confidence.data, width * height, "confidence map")
        return _rows(data, width, height, "confidence map")
    if confidence.encoding == RAW:
        return _rows(confidence.data, width, height, "confidence map")
    raise ValueError(f"unknown encoding of a confidence map {confidence.encoding}")


def _rows(data: bytes, width: int, height: int, what: str = "mask") -> numpy.ndarray:
    if len(data) != width * height:
        raise ValueError(f"a {what} of {width}x{height} has {len(data)} bytes")
    return numpy.frombuffer(data, numpy.uint8).reshape(height, width)


def _decompressed(data: bytes, size: int, what: str = "mask") -> bytes:
    try:
        stated = zstandard.frame_content_size(data)
        if stated not in (-1, size):  # -1: it does not say
            raise ValueError(f"the Zstandard frame of a {what} has {stated} bytes, not {size}")
        return zstandard.ZstdDecompressor().decompress(data, max_output_size=size)
    except zstandard.ZstdError as error:
        raise ValueError(f"the {what} is no Zstandard frame ({len(data)} bytes)") from error


def _png(data: bytes, width: int, height: int) -> numpy.ndarray:
    try:
        from PIL import Image
    except ImportError as error:
        raise ImportError("masks as PNG need Pillow: pip install 'maskstream-client[png]'") from error
    try:
        with Image.open(io.BytesIO(data), formats=["PNG"]) as image:
            if image.size != (width, height) or image.mode not in ("P", "L"):
                raise ValueError(f"the PNG of a {width}x{height} mask is {image.size}, {image.mode}")
            return numpy.array(image, numpy.uint8)
    except (OSError, SyntaxError) as error:
        raise ValueError(f"the PNG of a mask is damaged ({len(data)} bytes)") from error


def _runs(runs, width: int, height: int) -> numpy.ndarray:
    columns = numpy.zeros(width * height, numpy.uint8)
    known = numpy.zeros(width * height, bool)
    covered = 0
    for entry in runs:
        if not 0 <= entry.class_id <= 255:
            raise ValueError(f"the class of runs must be 0 to 255, is {entry.class_id}")
        lengths = _lengths(entry.counts)
        if lengths.size == 0 or lengths.min() < 0 or lengths.sum() != columns.size:
            raise ValueError(f"the runs of class {entry.class_id} do not fit {width}x{height} pixels")
        inside = numpy.repeat(numpy.arange(lengths.size) % 2 == 1, lengths)
        columns[inside] = entry.class_id
        known |= inside
        covered += int(lengths[1::2].sum())
    if covered != columns.size or not known.all():
        raise ValueError(f"runs of a {width}x{height} mask must give each pixel one class")
    return columns.reshape(width, height).T


def _lengths(counts: bytes) -> numpy.ndarray:
    """Numbers of COCO's text: groups of 5 bits, the lowest first; from the fourth on differences."""
    characters = numpy.frombuffer(counts, numpy.uint8).astype(numpy.int64) - 48
    if characters.size == 0:
        return characters
    more = characters & 32 != 0
    if characters.min() < 0 or characters.max() > 63 or more[-1]:
        raise ValueError("the runs of a mask are not COCO's text")
    ends = numpy.flatnonzero(~more)
    starts = numpy.concatenate(([0], ends[:-1] + 1))
    if (ends - starts).max() > 6:
        raise ValueError("the runs of a mask have a number without an end")
    places = numpy.arange(characters.size) - numpy.repeat(starts, ends - starts + 1)
    numbers = numpy.add.reduceat((characters & 31) << (5 * places), starts)
    negative = characters[ends] & 16 != 0
    numbers[negative] -= 1 << (5 * (ends - starts + 1)[negative])
    numbers[1::2] = numpy.cumsum(numbers[1::2])
    numbers[2::2] = numpy.cumsum(numbers[2::2])
    return numbers
