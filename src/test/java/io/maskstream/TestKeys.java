package io.maskstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;

/** Self-signed keys for servers of tests. */
public final class TestKeys {
  public static final String ALIAS = "server";
  public static final String PASSWORD = "changeit";

  private TestKeys() {}

  /**
   * Makes a PKCS#12 file with one key.
   *
   * @param algorithm such as EC
   * @param host common name of the certificate
   * @param name its alternative name, such as {@code IP:127.0.0.1}
   */
  public static KeyStore create(Path store, String algorithm, String host, String name)
      throws IOException, InterruptedException, GeneralSecurityException {
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-keyalg",
                algorithm,
                "-alias",
                ALIAS,
                "-dname",
                "CN=" + host,
                "-ext",
                "SAN=" + name,
                "-storetype",
                "PKCS12",
                "-keystore",
                store.toString(),
                "-storepass",
                PASSWORD)
            .inheritIO()
            .start();
    assertThat(keytool.waitFor()).isZero();
    return KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
  }

  /** Writes DER as PEM. */
  public static void writePem(Path file, String kind, byte[] der) throws IOException {
    Files.writeString(
        file,
        "-----BEGIN %s-----\n%s\n-----END %s-----\n"
            .formatted(
                kind, Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der), kind));
  }
}
