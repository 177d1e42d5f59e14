package io.maskstream.onnx;

/**
 * A tensor of a graph under construction.
 *
 * @param name unique in the graph
 * @param shape lengths of the axes; -1 is the batch
 */
record OnnxValue(String name, long... shape) {}
