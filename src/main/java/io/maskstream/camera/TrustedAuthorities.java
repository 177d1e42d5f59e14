package io.maskstream.camera;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Base64;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * The certificate authorities that Java trusts, as the PEM file that FFmpeg's OpenSSL reads: the
 * OpenSSL in the bindings looks for its own in a folder that exists on no machine.
 */
final class TrustedAuthorities {
  private static final int LINE = 64;

  private TrustedAuthorities() {}

  /** Writes the file; it is deleted at the end of the process. */
  static Path write() throws IOException {
    StringBuilder pem = new StringBuilder();
    Base64.Encoder encoder = Base64.getMimeEncoder(LINE, new byte[] {'\n'});
    try {
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init((@Nullable KeyStore) null);
      for (TrustManager manager : factory.getTrustManagers()) {
        if (manager instanceof X509TrustManager x509) {
          for (X509Certificate authority : Arrays.asList(x509.getAcceptedIssuers())) {
            pem.append("-----BEGIN CERTIFICATE-----\n")
                .append(encoder.encodeToString(authority.getEncoded()))
                .append("\n-----END CERTIFICATE-----\n");
          }
        }
      }
    } catch (GeneralSecurityException e) {
      throw new IOException("cannot read the certificate authorities of Java", e);
    }
    Path file = Files.createTempFile("maskstream-authorities", ".pem");
    file.toFile().deleteOnExit();
    Files.writeString(file, pem, StandardCharsets.US_ASCII);
    return file;
  }
}
