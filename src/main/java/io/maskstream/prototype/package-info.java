/**
 * A camera's prototype bank, the reuse policies and the update: pure functions, no clock, no I/O.
 *
 * <p>May depend on: nothing of Maskstream.
 */
@NullMarked
package io.maskstream.prototype;

import org.jspecify.annotations.NullMarked;
