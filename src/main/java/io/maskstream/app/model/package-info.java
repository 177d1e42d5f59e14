/** Commands on one model: train, calibrate, export, evaluate, explain, compile. */
@NullMarked
package io.maskstream.app.model;

import org.jspecify.annotations.NullMarked;
