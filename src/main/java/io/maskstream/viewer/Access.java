package io.maskstream.viewer;

import io.javalin.http.Context;
import io.javalin.http.ForbiddenResponse;
import io.javalin.http.HandlerType;
import io.javalin.http.Header;
import io.javalin.http.HttpResponseException;
import io.javalin.http.HttpStatus;
import io.javalin.http.UnauthorizedResponse;
import io.maskstream.viewer.Users.Role;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who may ask the page what: the host that was asked for, user and password or the name that a
 * proxy vouches for, and the role. Only operators change anything.
 */
final class Access {
  private static final Logger log = LoggerFactory.getLogger(Access.class);

  private static final Set<HandlerType> READING = Set.of(HandlerType.GET, HandlerType.HEAD);
  private static final String ROLE = "role";
  private static final String USER = "user"; // absent where nobody has to say who they are
  private static final String SCHEME = "Basic ";
  private static final int LONGEST_NAME = 60;

  /** A right password is not hashed again for a while: the page asks often. */
  private static final Duration REMEMBERED = Duration.ofMinutes(5);

  private static final int MOST_REMEMBERED = 1_000;

  /** Passwords that are hashed at once; a flood of logins must not take all processors. */
  private static final int AT_ONCE = 2;

  private record Login(String name, String password) {}

  private record Remembered(Role role, Instant until) {}

  private final ViewConfig config;
  private final Optional<Users> users;
  private final InstantSource clock;
  private final LoginThrottle throttle;
  private final Semaphore hashing = new Semaphore(AT_ONCE);
  private final SecretKeySpec key;
  private final Map<String, Remembered> remembered =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Remembered> eldest) {
          return size() > MOST_REMEMBERED;
        }
      };

  Access(ViewConfig config, Optional<Users> users, InstantSource clock) {
    this.config = config;
    this.users = users;
    this.clock = clock;
    this.throttle = new LoginThrottle(clock);
    byte[] random = new byte[32];
    new SecureRandom().nextBytes(random);
    this.key = new SecretKeySpec(random, "HmacSHA256");
  }

  /**
   * Lets a request pass.
   *
   * @throws HttpResponseException where it must not
   */
  void check(Context context) {
    checkHost(context.header(Header.HOST));
    boolean reads = reads(context);
    if (!reads) {
      checkOrigin(context);
    }
    Role role = role(context);
    if (!reads && role != Role.OPERATOR) {
      throw new ForbiddenResponse("this needs the role of an operator");
    }
    context.attribute(ROLE, role);
  }

  /** Whether a request changes nothing. */
  static boolean reads(Context context) {
    return READING.contains(context.method());
  }

  /** Writes down who asked for a change, also one that was refused. */
  static void record(Context context) {
    if (!reads(context)) {
      log.info(
          "{} {} by '{}' from {}: {}",
          context.method(),
          context.path(),
          shown(Objects.requireNonNullElse(context.attribute(USER), "")),
          context.req().getRemoteAddr(),
          context.statusCode());
    }
  }

  /** The role of who sent a request that has passed. */
  static Role roleOf(Context context) {
    return Objects.requireNonNull(context.attribute(ROLE));
  }

  /** A page of another site may have its name lead to this machine (DNS rebinding). */
  private void checkHost(@Nullable String header) {
    if (!config.checksHosts()) {
      return;
    }
    String host = header == null ? "" : header.replaceFirst(":\\d+$", "");
    if (!config.answersTo(host.toLowerCase(Locale.ROOT))) {
      throw new HttpResponseException(
          HttpStatus.MISDIRECTED_REQUEST.getCode(), "not a host of this page; see view.hosts");
    }
  }

  /** Browsers send user and password with requests of other sites, too. */
  private static void checkOrigin(Context context) {
    String origin = context.header(Header.ORIGIN);
    if (origin == null) {
      return; // not a browser
    }
    String host = context.header(Header.HOST);
    if (host == null || !host.equals(authority(origin))) {
      throw new ForbiddenResponse("a page of another site must not change anything here");
    }
  }

  /** Host and port of an origin; null where it is "null" or no URL with a host. */
  private static @Nullable String authority(String origin) {
    try {
      return new URI(origin).getRawAuthority();
    } catch (URISyntaxException e) {
      return null;
    }
  }

  private Role role(Context context) {
    Optional<String> vouched = config.proxy().flatMap(proxy -> proxy.user(context));
    if (vouched.isPresent()) {
      context.attribute(USER, vouched.get());
      return config.proxy().orElseThrow().role(vouched.get());
    }
    if (users.isEmpty() && config.proxy().isEmpty()) {
      return Role.OPERATOR; // this machine alone
    }
    String header = context.header(Header.AUTHORIZATION);
    Optional<Login> login = header == null ? Optional.empty() : parse(header);
    if (login.isEmpty() || users.isEmpty()) {
      throw unauthorized(context);
    }
    context.attribute(USER, login.get().name);
    return known(String.valueOf(header)).orElseGet(() -> role(context, login.get(), header));
  }

  private Role role(Context context, Login login, @Nullable String header) {
    String address = context.req().getRemoteAddr();
    Duration wait = throttle.wait(address);
    if (!wait.isZero() || !hashing.tryAcquire()) {
      context.header(Header.RETRY_AFTER, Long.toString(1 + wait.toSeconds()));
      throw new HttpResponseException(
          HttpStatus.TOO_MANY_REQUESTS.getCode(), "too many logins, try later");
    }
    Optional<Role> role;
    try {
      role = users.orElseThrow().role(login.name, login.password);
    } finally {
      hashing.release();
    }
    if (role.isEmpty()) {
      throttle.failed(address);
      log.warn("login of '{}' from {} failed", shown(login.name), address);
      throw unauthorized(context);
    }
    throttle.succeeded(address);
    remember(String.valueOf(header), role.get());
    return role.get();
  }

  private static UnauthorizedResponse unauthorized(Context context) {
    context.header(Header.WWW_AUTHENTICATE, "Basic realm=\"Maskstream\", charset=\"UTF-8\"");
    return new UnauthorizedResponse("this needs a user and a password");
  }

  private static Optional<Login> parse(String header) {
    if (!header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      return Optional.empty();
    }
    try {
      byte[] bytes = Base64.getDecoder().decode(header.substring(SCHEME.length()).strip());
      String text = new String(bytes, StandardCharsets.UTF_8);
      int colon = text.indexOf(':');
      return colon < 0
          ? Optional.empty()
          : Optional.of(new Login(text.substring(0, colon), text.substring(colon + 1)));
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // not Base64
    }
  }

  private static String shown(String name) {
    String plain = name.replaceAll("\\p{Cntrl}", "?");
    return plain.length() <= LONGEST_NAME ? plain : plain.substring(0, LONGEST_NAME) + "…";
  }

  private synchronized Optional<Role> known(String header) {
    Remembered found = remembered.get(digest(header));
    return found == null || clock.instant().isAfter(found.until)
        ? Optional.empty()
        : Optional.of(found.role);
  }

  private synchronized void remember(String header, Role role) {
    remembered.put(digest(header), new Remembered(role, clock.instant().plus(REMEMBERED)));
  }

  private String digest(String header) {
    try {
      Mac mac = Mac.getInstance(key.getAlgorithm());
      mac.init(key);
      return Base64.getEncoder()
          .encodeToString(mac.doFinal(header.getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java has no HMAC", e);
    }
  }
}
