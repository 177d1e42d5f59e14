/** Model bundles, the model contract and the segmenter over DJL. */
@NullMarked
package io.maskstream.inference;

import org.jspecify.annotations.NullMarked;
