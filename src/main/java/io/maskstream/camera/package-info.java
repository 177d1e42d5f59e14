/**
 * Cameras to the frames topic: decode, pace, reconnect, watch.
 *
 * <p>May depend on: {@code frame}, {@code topic}, {@code metrics}, {@code synthetic}.
 */
@NullMarked
package io.maskstream.camera;

import org.jspecify.annotations.NullMarked;
