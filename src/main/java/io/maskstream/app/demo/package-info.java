/** The demo: the whole path in one process, and what it prints. */
@NullMarked
package io.maskstream.app.demo;

import org.jspecify.annotations.NullMarked;
