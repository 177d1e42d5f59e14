/** Pictures, masks and class tables: pure values that every other package speaks of. */
@NullMarked
package io.maskstream.frame;

import org.jspecify.annotations.NullMarked;
