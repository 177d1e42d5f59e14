/** What operators see: metrics, health, the log's format, traces of frames. */
@NullMarked
package io.maskstream.metrics;

import org.jspecify.annotations.NullMarked;
