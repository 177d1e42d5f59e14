/**
 * The Kafka Streams topology: processors, the prototype store and statistics.
 *
 * <p>May depend on: {@code frame}, {@code prototype}, {@code topic}, {@code inference}, {@code
 * metrics}.
 */
@NullMarked
package io.maskstream.stream;

import org.jspecify.annotations.NullMarked;
