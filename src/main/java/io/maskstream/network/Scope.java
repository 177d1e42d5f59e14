package io.maskstream.network;

import io.maskstream.network.ParameterSpec.Init;
import java.util.ArrayList;
import java.util.List;

/** A place in a network's tree of names, under which layers declare their parameters. */
public final class Scope {
  private final String prefix;
  private final List<ParameterSpec> declared;

  private Scope(String prefix, List<ParameterSpec> declared) {
    this.prefix = prefix;
    this.declared = declared;
  }

  /** The root of a new network. */
  public static Scope root() {
    return new Scope("", new ArrayList<>());
  }

  public Scope child(String name) {
    return new Scope(prefix + name + ".", declared);
  }

  /** Declares a parameter that gradients train and returns its full name. */
  public String trained(String name, Init init, long... shape) {
    return declare(new ParameterSpec(prefix + name, init, true, shape));
  }

  /** Declares a statistic that training records and returns its full name. */
  public String statistic(String name, Init init, long... shape) {
    return declare(new ParameterSpec(prefix + name, init, false, shape));
  }

  private String declare(ParameterSpec spec) {
    if (declared.stream().anyMatch(other -> other.name().equals(spec.name()))) {
      throw new IllegalArgumentException("parameter declared twice: " + spec.name());
    }
    declared.add(spec);
    return spec.name();
  }

  /** Everything declared in the whole tree so far, in order. */
  public List<ParameterSpec> declared() {
    return List.copyOf(declared);
  }
}
