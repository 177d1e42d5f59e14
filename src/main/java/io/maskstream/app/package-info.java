/** The command line. */
@NullMarked
package io.maskstream.app;

import org.jspecify.annotations.NullMarked;
