package io.maskstream.app;

import io.maskstream.onnx.OrtRuntime;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.Properties;
import org.bytedeco.ffmpeg.global.avutil;
import picocli.CommandLine.IVersionProvider;

/** Version and commit of this build, and versions of the libraries that matter to a report. */
final class VersionInfo implements IVersionProvider {
  private static final String OWN = "/version.properties";
  private static final String KAFKA = "/kafka/kafka-version.properties";
  private static final String UNKNOWN = "unknown";

  /** The program's own version. */
  static String version() throws IOException {
    return value(OWN, "version");
  }

  @Override
  public String[] getVersion() throws IOException {
    return new String[] {
      "maskstream %s (commit %s)".formatted(version(), value(OWN, "commit")),
      "FFmpeg %s (%s)"
          .formatted(avutil.av_version_info().getString(), avutil.avutil_license().getString()),
      "ONNX Runtime " + OrtRuntime.environment().getVersion(),
      "Kafka " + value(KAFKA, "version"),
      "Java %s, %s %s"
          .formatted(
              Runtime.version(), System.getProperty("os.name"), System.getProperty("os.arch"))
    };
  }

  /** A value of a resource that a build filled in; a build without Git knows no commit. */
  private static String value(String resource, String key) throws IOException {
    Properties values = new Properties();
    try (InputStream in = VersionInfo.class.getResourceAsStream(resource)) {
      values.load(Objects.requireNonNull(in, resource));
    }
    String value = values.getProperty(key, UNKNOWN);
    return value.startsWith("${") ? UNKNOWN : value;
  }
}
