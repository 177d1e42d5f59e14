/**
 * Trainable networks: backbone, decoder and heads, each written once over {@link
 * io.maskstream.network.Ops} and so run by two interpreters: {@link io.maskstream.network.NdOps}
 * (DJL arrays, for training) and the graph builder of {@code onnx} (for serving).
 */
@NullMarked
package io.maskstream.network;

import org.jspecify.annotations.NullMarked;
