package io.maskstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** Self-signed keys for servers of tests. */
public final class TestKeys {
  public static final String ALIAS = "server";
  public static final String AUTHORITY = "authority";
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
    keytool(store, ALIAS, algorithm, host, "-ext", "SAN=" + name);
    return KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
  }

  /** Like {@link #create}, but the certificate is signed by {@link #AUTHORITY} of the same file. */
  public static KeyStore createSigned(Path store, String host, String name)
      throws IOException, InterruptedException, GeneralSecurityException {
    keytool(store, AUTHORITY, "RSA", "Authority", "-ext", "bc:c");
    keytool(store, ALIAS, "RSA", host, "-ext", "SAN=" + name, "-signer", AUTHORITY);
    return KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
  }

  /** Like {@link #create}, but valid from next year. */
  public static KeyStore createFuture(Path store, String name)
      throws IOException, InterruptedException, GeneralSecurityException {
    keytool(store, ALIAS, "EC", "future", "-ext", "SAN=" + name, "-startdate", "+1y");
    return KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
  }

  private static void keytool(
      Path store, String alias, String algorithm, String host, String... further)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(List.of("-genkeypair", "-keyalg", algorithm, "-alias", alias));
    command.addAll(List.of("-dname", "CN=" + host, "-storetype", "PKCS12"));
    command.addAll(List.of("-keystore", store.toString(), "-storepass", PASSWORD));
    command.addAll(List.of(further));
    assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
  }

  /** A server's TLS with the key {@link #ALIAS}. */
  public static SSLContext context(KeyStore keys) throws GeneralSecurityException {
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    KeyStore own = KeyStore.getInstance("PKCS12");
    try {
      own.load(null, null);
    } catch (IOException e) {
      throw new GeneralSecurityException(e);
    }
    char[] password = PASSWORD.toCharArray();
    own.setKeyEntry(ALIAS, keys.getKey(ALIAS, password), password, keys.getCertificateChain(ALIAS));
    managers.init(own, password);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    return context;
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
