/** The training loop: optimizer, schedule, checkpoints, starting weights. */
@NullMarked
package io.maskstream.training;

import org.jspecify.annotations.NullMarked;
