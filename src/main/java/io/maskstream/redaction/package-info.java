/** Pictures without the classes that nobody may see. */
@NullMarked
package io.maskstream.redaction;

import org.jspecify.annotations.NullMarked;
