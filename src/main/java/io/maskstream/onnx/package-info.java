/**
 * ONNX graphs: a network of ours written as one that meets the model contract ({@link
 * io.maskstream.onnx.ModelWriter}), and a foreign one read and built around ({@link
 * io.maskstream.onnx.ForeignModel}).
 */
@NullMarked
package io.maskstream.onnx;

import org.jspecify.annotations.NullMarked;
