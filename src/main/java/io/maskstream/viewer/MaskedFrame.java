package io.maskstream.viewer;

import io.maskstream.frame.ClassTable;
import io.maskstream.frame.Mask;
import io.maskstream.frame.Picture;
import io.maskstream.topic.v1.SegmentedFrame;
import java.util.function.Supplier;

/**
 * A segmented frame with the picture to be shown with it.
 *
 * @param record as it came
 * @param mask decoded
 * @param pictureBytes of the picture as it came
 * @param picture decodes the picture when asked
 * @param jpeg the picture as a JPEG, as it came where it is one
 * @param table classes of the mask
 */
public record MaskedFrame(
    SegmentedFrame record,
    Mask mask,
    int pictureBytes,
    Supplier<Picture> picture,
    Supplier<byte[]> jpeg,
    ClassTable table) {}
