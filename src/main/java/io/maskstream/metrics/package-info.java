/**
 * The Prometheus registry: every metric with its name, labels and buckets.
 *
 * <p>May depend on: {@code frame}, {@code config}.
 */
@NullMarked
package io.maskstream.metrics;

import org.jspecify.annotations.NullMarked;
