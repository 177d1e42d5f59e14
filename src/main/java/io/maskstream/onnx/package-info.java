/**
 * The ONNX writer: a network as a graph that meets the model contract.
 *
 * <p>May depend on: {@code network}.
 */
@NullMarked
package io.maskstream.onnx;

import org.jspecify.annotations.NullMarked;
