/**
 * A camera's prototype bank, the reuse policies and the update: pure functions, no clock, no I/O.
 */
@NullMarked
package io.maskstream.prototype;

import org.jspecify.annotations.NullMarked;
