/**
 * Topics and what is in them: names, settings, headers, codecs and serdes.
 *
 * <p>May depend on: {@code frame}, {@code prototype}.
 */
@NullMarked
package io.maskstream.topic;

import org.jspecify.annotations.NullMarked;
