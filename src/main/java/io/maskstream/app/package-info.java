/**
 * The program: command line, topology files, wiring, embedded broker.
 *
 * <p>May depend on: every other package.
 */
@NullMarked
package io.maskstream.app;

import org.jspecify.annotations.NullMarked;
