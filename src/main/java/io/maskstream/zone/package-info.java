/** Parts of a camera's picture that people watch, and what a mask says of them. */
@NullMarked
package io.maskstream.zone;

import org.jspecify.annotations.NullMarked;
