package io.maskstream.camera;

import io.maskstream.config.Checks;
import io.maskstream.config.ConfigException;
import io.maskstream.config.YamlReader;
import io.maskstream.config.YamlWriter;
import io.maskstream.topic.Json;
import io.maskstream.zone.Zone;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A record of the topic {@code cameras}, whose key is the camera's id: what a process needs to read
 * the camera. Secrets are references to the environment or a file of that process.
 *
 * @param settings keys of a camera in a topology file, without its id; those left out have their
 *     defaults
 * @param paused whether no process reads the camera at present
 * @param file the settings that a topology file had when they were last taken from it; empty for a
 *     camera that is in no file
 */
public record CameraSettings(
    Map<String, Object> settings, boolean paused, Map<String, Object> file) {

  private static final String ID = "id";
  private static final String URL = "url";
  private static final String ANY_URL = "x";
  private static final Pattern NOT_IN_VARIABLES = Pattern.compile("[^A-Za-z0-9]");
  private static final Pattern VARIABLE = Pattern.compile("\\$\\{[^}]*}");

  public CameraSettings {
    settings = Collections.unmodifiableMap(new TreeMap<>(settings));
    file = file == null ? Map.of() : Collections.unmodifiableMap(new TreeMap<>(file));
    Checks.require(!settings.containsKey(ID), "the id is the record's key and no setting");
  }

  /** A camera that is in no file. */
  static CameraSettings of(Map<String, Object> settings) {
    return new CameraSettings(settings, false, Map.of());
  }

  /** A camera of a topology file; where its URL has a secret in clear, a variable stands for it. */
  static CameraSettings ofFile(CameraConfig config) {
    CameraConfig defaults = CameraConfig.of(config.id(), config.url().value());
    Map<String, Object> settings = new LinkedHashMap<>(YamlWriter.differences(config, defaults));
    settings.put(URL, inClear(config) ? "${" + variable(config) + "}" : config.url().reference());
    return new CameraSettings(settings, false, settings);
  }

  /** Values of the variables that stand for what a topology file has in clear. */
  public static Map<String, String> secrets(List<CameraConfig> cameras) {
    return cameras.stream()
        .filter(CameraSettings::inClear)
        .collect(Collectors.toMap(CameraSettings::variable, config -> config.url().value()));
  }

  private static boolean inClear(CameraConfig config) {
    return config.url().reference() instanceof String text
        && !VARIABLE.matcher(text).find()
        && config.address().namesSecrets();
  }

  private static String variable(CameraConfig config) {
    return "MASKSTREAM_URL_"
        + NOT_IN_VARIABLES
            .matcher(config.id())
            .replaceAll(found -> "_%x_".formatted((int) found.group().charAt(0)));
  }

  /** The same camera, paused or not. */
  CameraSettings withPaused(boolean is) {
    return new CameraSettings(settings, is, file);
  }

  /** The same camera with some keys changed; a key whose value is null gets its default again. */
  CameraSettings with(Map<String, @Nullable Object> changes) {
    Map<String, Object> changed = new LinkedHashMap<>(settings);
    changes.forEach(
        (key, value) -> {
          if (value == null) {
            changed.remove(key);
          } else {
            changed.put(key, value);
          }
        });
    return new CameraSettings(changed, paused, file);
  }

  /**
   * The camera as this process sees it.
   *
   * @param variables values of the variables that the settings name
   * @throws ConfigException where one is missing or a setting breaks a rule
   */
  CameraConfig toConfig(String id, Map<String, String> variables) throws ConfigException {
    return config(id, settings, variables);
  }

  /** Checks all rules but whether the references can be resolved, which is up to the reader. */
  void check(String id) throws ConfigException {
    CameraConfig config = withoutReferences(id);
    boolean asGiven = config.url().value().equals(settings.get(URL));
    Checks.require(
        !(inClear(config) && asGiven),
        "the url of camera %s has a user or password in clear; a variable (rtsp://${GATE_USER}@host/) or a file ({file: PATH}) may stand for it"
            .formatted(id));
  }

  /** The camera with its references left open, for those who do not read it. */
  CameraConfig withoutReferences(String id) throws ConfigException {
    Map<String, Object> resolved = new LinkedHashMap<>(settings);
    resolved.replaceAll(
        (key, value) ->
            value instanceof String text ? VARIABLE.matcher(text).replaceAll(ANY_URL) : value);
    if (settings.get(URL) instanceof Map) {
      resolved.put(URL, ANY_URL);
    }
    return config(id, resolved, Map.of());
  }

  /** The zones of the camera. */
  public List<Zone> zones(String id) throws ConfigException {
    return withoutReferences(id).zones();
  }

  private static CameraConfig config(
      String id, Map<String, Object> settings, Map<String, String> variables)
      throws ConfigException {
    Map<String, Object> all = new LinkedHashMap<>(settings);
    all.put(ID, id);
    String json = new String(Json.write(all), StandardCharsets.UTF_8);
    return YamlReader.parse("camera " + id, json, CameraConfig.class, variables);
  }
}
