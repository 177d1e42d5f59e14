package io.maskstream.app.serve;

import io.maskstream.camera.CameraRegistry;
import io.maskstream.config.ConfigException;
import io.maskstream.config.YamlReader;
import io.maskstream.deployment.DeploymentConfig;
import io.maskstream.topic.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lists and changes the cameras of a running deployment. */
@Command(
    name = "cameras",
    mixinStandardHelpOptions = true,
    description =
        "Lists and changes the cameras of a running deployment. A change takes effect "
            + "within moments and touches no other camera.")
public final class CamerasCommand {
  private static final String FILE = "TOPOLOGY.yaml";
  private static final String FILE_HELP = "Topology file of the deployment.";
  private static final String CAMERA_HELP = "Id of the camera.";
  private static final String SETTING_HELP =
      "Keys of a camera in a topology file with their values, such as fps=10.";
  private static final String CAMERA = "CAMERA";
  private static final String SETTING = "KEY=VALUE";

  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description = "Lists the cameras with the process that reads each.")
  int list(
      @Parameters(paramLabel = FILE, description = FILE_HELP) Path file,
      @Option(names = "--json", description = "Prints them as JSON.") boolean json)
      throws IOException, ConfigException, InterruptedException {
    Map<String, CameraRegistry.Entry> cameras = registry(file).list();
    if (json) {
      System.out.println(new String(Json.write(cameras), StandardCharsets.UTF_8));
      return 0;
    }
    System.out.printf("%-24s %-8s %-28s %s%n", "camera", "state", "process", "settings");
    cameras.forEach(
        (id, entry) ->
            System.out.printf(
                "%-24s %-8s %-28s %s%n",
                id,
                entry.camera().paused() ? "paused" : "on",
                entry.owner(),
                entry.camera().settings()));
    return 0;
  }

  @Command(
      name = "add",
      mixinStandardHelpOptions = true,
      description = "Adds a camera: url=… and any other key of a camera in a topology file.")
  int add(
      @Parameters(paramLabel = FILE, description = FILE_HELP) Path file,
      @Parameters(paramLabel = CAMERA, description = CAMERA_HELP) String camera,
      @Parameters(paramLabel = SETTING, arity = "1..*", description = SETTING_HELP)
          List<String> settings)
      throws IOException, ConfigException, InterruptedException {
    registry(file).add(camera, values(settings));
    return done("added", camera);
  }

  @Command(
      name = "set",
      mixinStandardHelpOptions = true,
      description = "Changes settings of a camera; KEY= takes the default again.")
  int set(
      @Parameters(paramLabel = FILE, description = FILE_HELP) Path file,
      @Parameters(paramLabel = CAMERA, description = CAMERA_HELP) String camera,
      @Parameters(paramLabel = SETTING, arity = "1..*", description = SETTING_HELP)
          List<String> settings)
      throws IOException, ConfigException, InterruptedException {
    registry(file).set(camera, values(settings));
    return done("changed", camera);
  }

  @Command(
      name = "remove",
      mixinStandardHelpOptions = true,
      description =
          "Removes a camera. One that is in the topology file comes back when its process starts again.")
  int remove(
      @Parameters(paramLabel = FILE, description = FILE_HELP) Path file,
      @Parameters(paramLabel = CAMERA, description = CAMERA_HELP) String camera)
      throws IOException, ConfigException, InterruptedException {
    registry(file).remove(camera);
    return done("removed", camera);
  }

  @Command(
      name = "pause",
      mixinStandardHelpOptions = true,
      description = "Stops reading a camera until it is resumed; restarts do not.")
  int pause(
      @Parameters(paramLabel = FILE, description = FILE_HELP) Path file,
      @Parameters(paramLabel = CAMERA, description = CAMERA_HELP) String camera)
      throws IOException, ConfigException, InterruptedException {
    registry(file).pause(camera, true);
    return done("paused", camera);
  }

  @Command(
      name = "resume",
      mixinStandardHelpOptions = true,
      description = "Goes on with a camera that was paused.")
  int resume(
      @Parameters(paramLabel = FILE, description = FILE_HELP) Path file,
      @Parameters(paramLabel = CAMERA, description = CAMERA_HELP) String camera)
      throws IOException, ConfigException, InterruptedException {
    registry(file).pause(camera, false);
    return done("resumed", camera);
  }

  private static int done(String what, String camera) {
    System.out.println(what + " " + camera);
    return 0;
  }

  private static CameraRegistry registry(Path file)
      throws IOException, ConfigException, InterruptedException {
    DeploymentConfig config = YamlReader.read(file, DeploymentConfig.class, System.getenv());
    return new CameraRegistry(TopicsCommand.external(file, config), config.topics());
  }

  /**
   * Values as YAML reads them, so that {@code fps=8} is a number and {@code url={file: …}} a map.
   */
  private static Map<String, @Nullable Object> values(List<String> settings)
      throws ConfigException {
    Map<String, @Nullable Object> values = new LinkedHashMap<>();
    for (String setting : settings) {
      int equals = setting.indexOf('=');
      if (equals < 1) {
        throw new IllegalArgumentException("a setting must be KEY=VALUE, is '" + setting + "'");
      }
      String key = setting.substring(0, equals);
      if (values.containsKey(key)) {
        throw new IllegalArgumentException(key + " is given twice");
      }
      values.put(key, YamlReader.value(setting.substring(equals + 1)));
    }
    return values;
  }
}
