package io.maskstream.metrics;

import io.javalin.config.JavalinConfig;
import io.maskstream.config.Key;
import io.maskstream.config.Secret;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Optional;
import java.util.UUID;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/** The certificate of an HTTP server: two PEM files, or a PKCS#12 store with its password. */
public record ServerTls(
    @Key("PEM file of the certificate and those that it leads to.") Optional<Path> certificate,
    @Key("PEM file of its private key, PKCS#8, without a password.") Optional<Path> key,
    @Key("PKCS#12 file with both.") Optional<Path> keystore,
    @Key("Password of the PKCS#12 file; {file: PATH} takes it from a file.")
        Optional<Secret> password) {

  private static final String PEM_KEY = "PRIVATE KEY";

  public ServerTls {
    boolean pem = certificate.isPresent() && key.isPresent();
    boolean store = keystore.isPresent() && password.isPresent();
    boolean one = pem ? keystore.isEmpty() && password.isEmpty() : store && key.isEmpty();
    if (!one || (store && certificate.isPresent())) {
      throw new IllegalArgumentException(
          "tls needs either certificate and key, or keystore and password");
    }
  }

  /**
   * Lets a server speak HTTP over TLS 1.2 and 1.3 in the place of plain HTTP.
   *
   * @throws UncheckedIOException where a file cannot be read or holds something else
   */
  public void install(JavalinConfig config, String bind, int port) {
    SslContextFactory.Server context = new SslContextFactory.Server();
    String secret = password.map(Secret::value).orElse(UUID.randomUUID().toString());
    try {
      context.setKeyStore(keys(secret.toCharArray()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    context.setKeyStorePassword(secret);
    context.setIncludeProtocols("TLSv1.2", "TLSv1.3");
    config.jetty.addConnector(
        (server, plain) -> {
          HttpConfiguration secure = new HttpConfiguration(plain);
          SecureRequestCustomizer customizer = new SecureRequestCustomizer();
          customizer.setSniHostCheck(false); // the page's own check of hosts does it
          secure.addCustomizer(customizer);
          ServerConnector connector =
              new ServerConnector(
                  server,
                  new SslConnectionFactory(context, "http/1.1"),
                  new HttpConnectionFactory(secure));
          connector.setHost(bind);
          connector.setPort(port);
          return connector;
        });
  }

  private KeyStore keys(char[] secret) throws IOException {
    try {
      if (keystore.isPresent()) {
        return KeyStore.getInstance(keystore.get().toFile(), secret);
      }
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      Certificate[] chain = chain(certificate.orElseThrow());
      String algorithm = chain[0].getPublicKey().getAlgorithm();
      store.setKeyEntry("server", privateKey(key.orElseThrow(), algorithm), secret, chain);
      return store;
    } catch (GeneralSecurityException e) {
      throw new IOException("tls: " + e.getMessage(), e);
    }
  }

  private static Certificate[] chain(Path file) throws IOException, GeneralSecurityException {
    try (InputStream in = Files.newInputStream(file)) {
      Certificate[] chain =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(in)
              .toArray(new Certificate[0]);
      if (chain.length == 0) {
        throw new IOException("tls: " + file + " holds no certificate");
      }
      return chain;
    }
  }

  private static PrivateKey privateKey(Path file, String algorithm)
      throws IOException, GeneralSecurityException {
    String text = Files.readString(file);
    String begin = "-----BEGIN " + PEM_KEY + "-----";
    int from = text.indexOf(begin);
    int to = text.indexOf("-----END " + PEM_KEY + "-----");
    if (from < 0 || to < from) {
      throw new IOException(
          "tls: %s holds no key in PKCS#8 (%s); openssl pkcs8 -topk8 -nocrypt makes one"
              .formatted(file, begin));
    }
    byte[] der = Base64.getMimeDecoder().decode(text.substring(from + begin.length(), to));
    return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
  }
}
