package io.maskstream.app.serve;

import io.maskstream.viewer.PasswordHash;
import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.Charset;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** Prints the hash of a password for the users file of the page. */
@Command(
    name = "password",
    mixinStandardHelpOptions = true,
    description =
        "Asks for a password, or reads it from the first line of the standard input, and "
            + "prints its hash for a line of the file that view.users names: NAME ROLE HASH.")
public final class PasswordCommand implements Callable<Integer> {

  @Override
  public Integer call() throws IOException {
    String password = read();
    if (password.isBlank()) {
      throw new IllegalArgumentException("the password must not be empty");
    }
    System.out.println(PasswordHash.of(password));
    return 0;
  }

  /** From Java 22 on there is a console without a terminal, too; it reads the standard input. */
  @SuppressWarnings("SystemConsoleNull")
  private static String read() throws IOException {
    Console console = System.console();
    if (console != null) {
      System.err.print("Password: ");
      char[] typed = console.readPassword();
      return typed == null ? "" : new String(typed);
    }
    String line =
        new BufferedReader(new InputStreamReader(System.in, Charset.defaultCharset())).readLine();
    return line == null ? "" : line;
  }
}
