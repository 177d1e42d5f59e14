/** Rules on what the masks of a camera say, and the events that follow from them. */
@NullMarked
package io.maskstream.event;

import org.jspecify.annotations.NullMarked;
