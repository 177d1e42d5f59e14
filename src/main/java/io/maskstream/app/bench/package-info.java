/** The benchmark of the pipeline against the bare model. */
@NullMarked
package io.maskstream.app.bench;

import org.jspecify.annotations.NullMarked;
