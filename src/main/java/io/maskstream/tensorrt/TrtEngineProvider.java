package io.maskstream.tensorrt;

import ai.djl.engine.Engine;
import ai.djl.engine.EngineProvider;
import org.jspecify.annotations.Nullable;

/** Offers {@link TrtEngine} to DJL; loads no library before it is asked for the engine. */
public final class TrtEngineProvider implements EngineProvider {
  private @Nullable Engine engine;

  @Override
  public String getEngineName() {
    return TrtEngine.NAME;
  }

  @Override
  public int getEngineRank() {
    return TrtEngine.RANK;
  }

  /** The engine, or an {@code EngineException} that says what is missing, each time. */
  @Override
  public synchronized Engine getEngine() {
    if (engine == null) {
      engine = TrtEngine.start();
    }
    return engine;
  }
}
