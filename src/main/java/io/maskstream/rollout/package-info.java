/** Changing the models of running workers: commands, slots, shadow trials, reports. */
@NullMarked
package io.maskstream.rollout;

import org.jspecify.annotations.NullMarked;
