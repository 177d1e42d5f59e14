/** Loss terms, one class per term, and their weighted sum. */
@NullMarked
package io.maskstream.loss;

import org.jspecify.annotations.NullMarked;
