package io.maskstream.deployment;

import io.maskstream.config.Labels;
import io.maskstream.deployment.Deployment.Role;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What stands in the way of a start, all of it, looked for before anything is started. A camera
 * that cannot be read does not: the others go on.
 */
final class StartCheck {
  private final List<String> problems = new ArrayList<>();

  private StartCheck() {}

  /** Looks at models, ports and the page's users; a sentence for each that does not fit. */
  static List<String> problems(DeploymentConfig config, Set<Role> roles) {
    StartCheck check = new StartCheck();
    check.pictures(config, roles);
    if (roles.contains(Role.SEGMENT)) {
      check.problems.addAll(DeployedModels.problems(config.segment()));
      check.problems.addAll(DeployedRules.problems(config.rules(), config.segment()));
    }
    if (config.embedded()) {
      check.port("broker", "localhost", config.broker().port());
    }
    check.port("monitor", config.monitor().bind(), config.monitor().port());
    if (roles.contains(Role.VIEW)) {
      config.view().users().ifPresent(users -> check.file("view.users", users));
      check.port("view", config.view().bind(), config.view().port());
    }
    return check.problems;
  }

  /** Pictures that never leave the process are read and segmented in it. */
  private void pictures(DeploymentConfig config, Set<Role> roles) {
    boolean both = roles.containsAll(Set.of(Role.INGEST, Role.SEGMENT));
    boolean none = !roles.contains(Role.INGEST) && !roles.contains(Role.SEGMENT);
    if (config.pictures().held() && !both && !none) {
      problems.add(
          "pictures.place: process needs the roles ingest and segment in the same process, its"
              + " roles are "
              + roles.stream().map(Labels::of).sorted().collect(Collectors.joining(", ")));
    }
  }

  private void file(String what, Path file) {
    if (!Files.isReadable(file)) {
      problems.add("%s: no such file, or not readable: %s".formatted(what, file));
    }
  }

  private void port(String key, String bind, int port) {
    try (ServerSocket probe = new ServerSocket()) {
      probe.setReuseAddress(true);
      probe.bind(new InetSocketAddress(InetAddress.getByName(bind), port));
    } catch (IOException e) {
      problems.add(
          "%s: cannot listen on %s port %d, is another process there?".formatted(key, bind, port));
    }
  }
}
