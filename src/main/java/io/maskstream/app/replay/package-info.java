/** Segments recorded frames again, compares masks, and exports frames for labelling. */
@NullMarked
package io.maskstream.app.replay;

import org.jspecify.annotations.NullMarked;
