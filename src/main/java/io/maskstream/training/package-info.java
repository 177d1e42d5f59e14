/**
 * Data sets, augmentation, losses (one class a term), optimiser and loop.
 *
 * <p>May depend on: {@code frame}, {@code network}, {@code synthetic}.
 */
@NullMarked
package io.maskstream.training;

import org.jspecify.annotations.NullMarked;
