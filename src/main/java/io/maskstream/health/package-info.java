/** Whether a camera's picture is fit to be judged: simple statistics, and events from them. */
@NullMarked
package io.maskstream.health;

import org.jspecify.annotations.NullMarked;
