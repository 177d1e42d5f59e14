/** The roles of one process: topology file, wiring, embedded broker; to embed Maskstream. */
@NullMarked
package io.maskstream.deployment;

import org.jspecify.annotations.NullMarked;
