package io.maskstream.deployment;

import io.maskstream.ChildJvm;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** An embedded broker in a process of its own, which can be frozen. */
final class ChildBroker implements AutoCloseable {
  private final Process process;
  private final String bootstrap;

  ChildBroker() throws IOException {
    process = ChildJvm.start(ChildBroker.class);
    BufferedReader out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    String line = out.readLine();
    while (line != null && !line.startsWith("bootstrap ")) {
      line = out.readLine();
    }
    if (line == null) {
      throw new IOException("the broker did not start");
    }
    bootstrap = line.substring("bootstrap ".length());
    Thread rest = new Thread(() -> out.lines().forEach(text -> {}), "broker-output");
    rest.setDaemon(true);
    rest.start();
  }

  String bootstrap() {
    return bootstrap;
  }

  /** Sends a signal: STOP freezes the broker, CONT lets it go on. */
  void signal(String name) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }

  /** Runs until it is killed. */
  public static void main(String[] arguments) throws Exception {
    try (EmbeddedBroker broker = EmbeddedBroker.start(Optional.empty(), 0)) {
      System.out.println("bootstrap " + broker.bootstrap());
      TimeUnit.MINUTES.sleep(10);
    }
  }
}
