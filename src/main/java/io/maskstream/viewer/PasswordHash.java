package io.maskstream.viewer;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.security.spec.InvalidKeySpecException;
import java.util.Base64;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/**
 * A password as PBKDF2 with HMAC-SHA-256 keeps it, in text {@code
 * pbkdf2-sha256$ITERATIONS$SALT$HASH} with salt and hash in Base64.
 */
public final class PasswordHash {
  /** What OWASP asks for PBKDF2 with HMAC-SHA-256 (Password Storage Cheat Sheet, 2023). */
  static final int ITERATIONS = 600_000;

  /** A file with more would let an attacker of the file stop the page. */
  private static final int MAX_ITERATIONS = 10_000_000;

  static final int MIN_ITERATIONS = 1_000;
  private static final int SALT_BYTES = 16;
  private static final int HASH_BITS = 256;
  private static final String NAME = "pbkdf2-sha256";

  private final int iterations;
  private final byte[] salt;
  private final byte[] hash;

  private PasswordHash(int iterations, byte[] salt, byte[] hash) {
    this.iterations = iterations;
    this.salt = salt;
    this.hash = hash;
  }

  /** The hash of a new password. */
  public static PasswordHash of(String password) {
    return of(password, ITERATIONS);
  }

  /** The hash of a new password, cheap where it does not matter. */
  static PasswordHash of(String password, int iterations) {
    byte[] salt = new byte[SALT_BYTES];
    new SecureRandom().nextBytes(salt);
    return new PasswordHash(iterations, salt, derive(password, salt, iterations));
  }

  /**
   * Reads the text form.
   *
   * @throws IllegalArgumentException without the text where it is something else
   */
  public static PasswordHash parse(String text) {
    String[] parts = text.split("\\$", -1);
    if (parts.length != 4 || !parts[0].equals(NAME) || !parts[1].matches("\\d{1,9}")) {
      throw new IllegalArgumentException("a password must be " + NAME + "$ITERATIONS$SALT$HASH");
    }
    int iterations = Integer.parseInt(parts[1]);
    if (iterations < MIN_ITERATIONS || iterations > MAX_ITERATIONS) {
      throw new IllegalArgumentException(
          "the iterations of a password must be %d to %d, are %d"
              .formatted(MIN_ITERATIONS, MAX_ITERATIONS, iterations));
    }
    byte[] salt = Base64.getDecoder().decode(parts[2]);
    byte[] hash = Base64.getDecoder().decode(parts[3]);
    if (salt.length < SALT_BYTES || hash.length * Byte.SIZE != HASH_BITS) {
      throw new IllegalArgumentException("a password's salt or hash has another length");
    }
    return new PasswordHash(iterations, salt, hash);
  }

  /** Whether it is the hash of a password; takes as long for a wrong one. */
  boolean matches(String password) {
    return MessageDigest.isEqual(hash, derive(password, salt, iterations));
  }

  private static byte[] derive(String password, byte[] salt, int iterations) {
    PBEKeySpec spec = new PBEKeySpec(password.toCharArray(), salt, iterations, HASH_BITS);
    try {
      return SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256").generateSecret(spec).getEncoded();
    } catch (InvalidKeySpecException e) {
      throw new IllegalArgumentException("not a password", e);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java has no PBKDF2", e);
    } finally {
      spec.clearPassword();
    }
  }

  /** The text form. */
  @Override
  public String toString() {
    Base64.Encoder encoder = Base64.getEncoder();
    return "%s$%d$%s$%s"
        .formatted(NAME, iterations, encoder.encodeToString(salt), encoder.encodeToString(hash));
  }
}
