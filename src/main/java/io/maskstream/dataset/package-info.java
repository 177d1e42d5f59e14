/** Labeled images: folder layouts, class maps, augmentation, batches. */
@NullMarked
package io.maskstream.dataset;

import org.jspecify.annotations.NullMarked;
