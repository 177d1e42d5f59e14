package io.maskstream.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Describes a component of a configuration record. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Key {

  /** What the value means, with its unit. */
  String value();

  /** The default as YAML text; a key without one must be given, unless its type is Optional. */
  String defaultValue() default "";
}
