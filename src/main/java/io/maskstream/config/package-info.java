/**
 * YAML into records: every mistake at once, with its path, its value, the rule and a suggestion.
 */
@NullMarked
package io.maskstream.config;

import org.jspecify.annotations.NullMarked;
