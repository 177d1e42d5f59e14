package io.maskstream.camera;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Opens cameras by the kind of their URL: synthetic scenes, and FFmpeg for everything else. */
final class UrlSources implements SourceFactory {
  private @Nullable Path authorities;

  @Override
  public FrameSource open(CameraConfig config, CallDeadline deadline) throws CameraException {
    return config.address().kind() == CameraUrl.Kind.SYNTHETIC
        ? new SyntheticSource(config)
        : FfmpegSource.open(config, FfmpegOptions.of(config, authorities(config)), deadline);
  }

  private Path authorities(CameraConfig config) throws CameraException {
    return config.tls().ca().isPresent() ? config.tls().ca().get() : javasOwn();
  }

  private synchronized Path javasOwn() throws CameraException {
    try {
      if (authorities == null) {
        authorities = TrustedAuthorities.write();
      }
      return authorities;
    } catch (IOException e) {
      throw new CameraException(
          CameraException.Kind.PASSING, "no certificate authorities: " + e.getMessage());
    }
  }
}
