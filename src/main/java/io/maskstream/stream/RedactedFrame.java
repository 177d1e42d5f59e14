package io.maskstream.stream;

import org.apache.kafka.common.header.Headers;

/**
 * A record of {@code redacted-frames}.
 *
 * @param jpeg the picture; shared, only read
 * @param headers the headers of a frame and the receipt
 */
record RedactedFrame(byte[] jpeg, Headers headers) {}
