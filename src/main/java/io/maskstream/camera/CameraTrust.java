package io.maskstream.camera;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Which certificates a camera may show: those of an authority for the host that was asked for, and
 * any that the user's own file names itself, whatever host it is for, since few cameras know their
 * name.
 */
final class CameraTrust extends X509ExtendedTrustManager {
  private final X509ExtendedTrustManager authorities;
  private final List<X509Certificate> named;

  private CameraTrust(X509ExtendedTrustManager authorities, List<X509Certificate> named) {
    this.authorities = authorities;
    this.named = named;
  }

  /**
   * What connections to a camera are made with.
   *
   * @param ca PEM file of certificates; Java's own authorities where it is left out
   * @throws IOException where the file cannot be read or holds no certificate
   */
  static SSLContext context(Optional<Path> ca) throws IOException {
    try {
      List<X509Certificate> named = ca.isPresent() ? read(ca.get()) : List.of();
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {new CameraTrust(authorities(named), named)}, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IOException("tls.ca: %s cannot be used: %s".formatted(ca, e.getMessage()), e);
    }
  }

  private static List<X509Certificate> read(Path file) throws IOException, CertificateException {
    if (!Files.isReadable(file)) {
      throw new IOException("tls.ca: no such file, or not readable: " + file);
    }
    try (InputStream in = Files.newInputStream(file)) {
      Collection<? extends Certificate> found =
          CertificateFactory.getInstance("X.509").generateCertificates(in);
      if (found.isEmpty()) {
        throw new IOException("tls.ca: " + file + " holds no certificate");
      }
      return found.stream().map(X509Certificate.class::cast).toList();
    }
  }

  private static X509ExtendedTrustManager authorities(List<X509Certificate> named)
      throws GeneralSecurityException, IOException {
    KeyStore store = null;
    if (!named.isEmpty()) {
      store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      for (int i = 0; i < named.size(); i++) {
        store.setCertificateEntry(Integer.toString(i), named.get(i));
      }
    }
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    for (TrustManager manager : factory.getTrustManagers()) {
      if (manager instanceof X509ExtendedTrustManager extended) {
        return extended;
      }
    }
    throw new GeneralSecurityException("this Java cannot check certificates");
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    if (chain.length > 0 && named.contains(chain[0])) {
      chain[0].checkValidity();
    } else {
      authorities.checkServerTrusted(chain, type, socket);
    }
  }

  /** Why there is no connection, as a sentence on the camera. */
  static String reason(IOException failure, String host) {
    if (!(failure instanceof SSLException)) {
      return failure instanceof UnknownHostException
          ? "the name %s leads to no address".formatted(host)
          : "it cannot be reached: " + failure.getMessage();
    }
    Throwable deepest = failure;
    boolean certificate = false;
    boolean path = false;
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      deepest = cause;
      certificate |= cause instanceof CertificateException;
      path |=
          cause instanceof CertPathBuilderException || cause instanceof CertPathValidatorException;
    }
    if (deepest instanceof CertificateExpiredException) {
      return "its certificate has expired: " + deepest.getMessage();
    }
    if (deepest instanceof CertificateNotYetValidException) {
      return "its certificate is not valid yet, or this machine's clock is slow: "
          + deepest.getMessage();
    }
    if (path) {
      return "its certificate is from no authority that is trusted; tls.ca names the authority of your cameras";
    }
    return certificate
        ? "its certificate is not for the host %s; tls.ca may name this very certificate"
            .formatted(host)
        : "no TLS connection: " + deepest.getMessage();
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return authorities.getAcceptedIssuers();
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
    throw onlySockets();
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, @Nullable SSLEngine engine)
      throws CertificateException {
    throw onlySockets();
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
    throw onlySockets();
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, @Nullable Socket socket)
      throws CertificateException {
    throw onlySockets();
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, @Nullable SSLEngine engine)
      throws CertificateException {
    throw onlySockets();
  }

  private static CertificateException onlySockets() {
    return new CertificateException("only servers behind sockets are checked");
  }
}
