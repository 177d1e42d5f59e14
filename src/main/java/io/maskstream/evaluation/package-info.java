/** Measures of accuracy and of temporal consistency against true masks. */
@NullMarked
package io.maskstream.evaluation;

import org.jspecify.annotations.NullMarked;
