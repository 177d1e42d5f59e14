/** Cameras to the frames topic: decode, pace, reconnect, watch. */
@NullMarked
package io.maskstream.camera;

import org.jspecify.annotations.NullMarked;
