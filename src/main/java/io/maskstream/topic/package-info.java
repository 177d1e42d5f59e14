/** Topics and what is in them: names, settings, headers, codecs and serdes. */
@NullMarked
package io.maskstream.topic;

import org.jspecify.annotations.NullMarked;
