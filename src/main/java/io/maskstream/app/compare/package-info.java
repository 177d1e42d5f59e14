/** The comparison of several models. */
@NullMarked
package io.maskstream.app.compare;

import org.jspecify.annotations.NullMarked;
