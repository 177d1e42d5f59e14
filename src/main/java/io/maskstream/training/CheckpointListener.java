package io.maskstream.training;

import java.io.IOException;
import java.nio.file.Path;

/** Writes a checkpoint after every epoch, and when asked. */
final class CheckpointListener implements TrainingListener {
  static final String FILE = "checkpoint.safetensors";

  private final Path folder;

  CheckpointListener(Path folder) {
    this.folder = folder;
  }

  @Override
  public void onEpoch(int epoch, TrainingState state) throws IOException {
    write(state);
  }

  void write(TrainingState state) throws IOException {
    state.checkpoint().write(folder.resolve(FILE));
  }
}
