/** A synthetic street with its ground truth, for demos, tests and training. */
@NullMarked
package io.maskstream.synthetic;

import org.jspecify.annotations.NullMarked;
