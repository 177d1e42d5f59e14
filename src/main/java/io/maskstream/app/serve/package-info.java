/** Commands that run, read and operate a deployment. */
@NullMarked
package io.maskstream.app.serve;

import org.jspecify.annotations.NullMarked;
