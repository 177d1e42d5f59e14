/** Options and values that several commands share. */
@NullMarked
package io.maskstream.app.option;

import org.jspecify.annotations.NullMarked;
