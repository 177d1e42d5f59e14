/**
 * The web page and its feeds.
 *
 * <p>May depend on: {@code frame}, {@code topic}, {@code metrics}.
 */
@NullMarked
package io.maskstream.viewer;

import org.jspecify.annotations.NullMarked;
