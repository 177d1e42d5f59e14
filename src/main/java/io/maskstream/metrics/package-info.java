/** The Prometheus registry: every metric with its name, labels and buckets. */
@NullMarked
package io.maskstream.metrics;

import org.jspecify.annotations.NullMarked;
