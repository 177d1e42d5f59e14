/**
 * Reading the masks from a program of one's own: {@link
 * io.maskstream.client.SegmentedFrameConsumer}. Needs Kafka's clients, Protobuf, zstd-jni and
 * Jackson alone; {@code clients/java} makes an artifact of it.
 *
 * <p>May use {@code frame}, {@code topic}.
 */
@NullMarked
package io.maskstream.client;

import org.jspecify.annotations.NullMarked;
