/**
 * A DJL engine for NVIDIA TensorRT over the JavaCPP presets: {@code Engine.getEngine("TensorRT")}.
 *
 * <p>{@link io.maskstream.tensorrt.TrtEngine} starts only where a driver, a device and NVIDIA's
 * libraries are there, and says in one sentence what is missing where they are not. A model is a
 * {@code .plan}, or an {@code .onnx} whose plan {@link io.maskstream.tensorrt.PlanCache} keeps.
 * Knows nothing of video.
 */
@NullMarked
package io.maskstream.tensorrt;

import org.jspecify.annotations.NullMarked;
