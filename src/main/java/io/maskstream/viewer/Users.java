package io.maskstream.viewer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Who may use the page: a user of the configuration, or those of a file. */
final class Users {

  /** What somebody may do. */
  public enum Role {
    /** Looks. */
    VIEWER,
    /** Looks and changes. */
    OPERATOR
  }

  private record User(Role role, PasswordHash password) {}

  /** Checked in the place of a user that is not known, so that the answer takes as long. */
  private static final PasswordHash NOBODY = PasswordHash.of("nobody");

  private final Map<String, User> users = new LinkedHashMap<>();

  private Users() {}

  /** One user with all rights. */
  static Users single(String name, PasswordHash password) {
    Users made = new Users();
    made.users.put(name, new User(Role.OPERATOR, password));
    return made;
  }

  /**
   * The users of a file with lines {@code NAME ROLE HASH}; empty lines and those after # count for
   * nothing.
   *
   * @throws IOException with all mistakes and their lines
   */
  static Users read(Path file) throws IOException {
    Users made = new Users();
    List<String> problems = new ArrayList<>();
    List<String> lines = Files.readAllLines(file);
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (!line.isEmpty() && !line.startsWith("#")) {
        try {
          made.add(line.split("\\s+"));
        } catch (IllegalArgumentException e) {
          problems.add("line %d: %s".formatted(i + 1, e.getMessage()));
        }
      }
    }
    if (made.users.isEmpty() && problems.isEmpty()) {
      problems.add("it names nobody");
    }
    if (!problems.isEmpty()) {
      throw new IOException("view.users %s: %s".formatted(file, String.join("; ", problems)));
    }
    return made;
  }

  private void add(String[] words) {
    if (words.length != 3) {
      throw new IllegalArgumentException("a user is NAME ROLE HASH");
    }
    if (words[0].contains(":")) {
      throw new IllegalArgumentException("a name must not hold a colon");
    }
    Role role =
        switch (words[1].toLowerCase(Locale.ROOT)) {
          case "viewer" -> Role.VIEWER;
          case "operator" -> Role.OPERATOR;
          default -> throw new IllegalArgumentException("the role must be viewer or operator");
        };
    if (users.put(words[0], new User(role, PasswordHash.parse(words[2]))) != null) {
      throw new IllegalArgumentException("the user is there twice");
    }
  }

  /** The role of a user whose password is right. */
  Optional<Role> role(String name, String password) {
    User user = users.get(name);
    if (user == null) {
      NOBODY.matches(password);
      return Optional.empty();
    }
    return user.password.matches(password) ? Optional.of(user.role) : Optional.empty();
  }
}
