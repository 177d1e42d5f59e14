/**
 * Pictures, masks and class tables: pure values that every other package speaks of.
 *
 * <p>May depend on: nothing of Maskstream.
 */
@NullMarked
package io.maskstream.frame;

import org.jspecify.annotations.NullMarked;
