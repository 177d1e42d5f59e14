/**
 * Measures of accuracy and of temporal consistency against true masks.
 *
 * <p>May depend on: {@code frame}, {@code prototype}, {@code inference}.
 */
@NullMarked
package io.maskstream.evaluation;

import org.jspecify.annotations.NullMarked;
