/**
 * Model bundles, the model contract and the segmenter over DJL.
 *
 * <p>May depend on: {@code frame}, {@code prototype}, {@code onnx}, {@code metrics}, {@code
 * config}.
 */
@NullMarked
package io.maskstream.inference;

import org.jspecify.annotations.NullMarked;
