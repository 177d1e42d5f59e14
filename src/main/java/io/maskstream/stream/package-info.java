/** The Kafka Streams topology: processors, the prototype store and statistics. */
@NullMarked
package io.maskstream.stream;

import org.jspecify.annotations.NullMarked;
