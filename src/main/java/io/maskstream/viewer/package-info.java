/** The web page and its feeds. */
@NullMarked
package io.maskstream.viewer;

import org.jspecify.annotations.NullMarked;
