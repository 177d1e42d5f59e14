/**
 * A procedurally drawn street with a true class for every pixel, for demos, tests and training.
 *
 * <p>May depend on: {@code frame}.
 */
@NullMarked
package io.maskstream.synthetic;

import org.jspecify.annotations.NullMarked;
