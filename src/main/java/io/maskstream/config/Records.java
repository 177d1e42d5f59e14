package io.maskstream.config;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;

/** Copies of records with one component changed. */
public final class Records {

  private Records() {}

  /**
   * The same record with another value of one component, checked by its constructor.
   *
   * @throws IllegalArgumentException where there is no such component, or the constructor says no
   */
  public static <R extends Record> R with(R record, String component, Object value) {
    @SuppressWarnings("unchecked")
    Class<R> type = (Class<R>) record.getClass();
    RecordComponent[] components = type.getRecordComponents();
    Class<?>[] types = new Class<?>[components.length];
    Object[] values = new Object[components.length];
    boolean found = false;
    try {
      for (int i = 0; i < components.length; i++) {
        types[i] = components[i].getType();
        components[i].getAccessor().setAccessible(true);
        boolean changed = components[i].getName().equals(component);
        values[i] = changed ? value : components[i].getAccessor().invoke(record);
        found |= changed;
      }
      if (!found) {
        throw new IllegalArgumentException(type.getSimpleName() + " has no " + component);
      }
      Constructor<R> constructor = type.getDeclaredConstructor(types);
      constructor.setAccessible(true);
      return constructor.newInstance(values);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }
}
