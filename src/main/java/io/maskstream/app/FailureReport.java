package io.maskstream.app;

import io.maskstream.config.ConfigException;
import io.maskstream.inference.ModelException;
import io.maskstream.inference.ModelOutputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParseResult;

/** One clear message for what a user can fix; the stack trace for what is ours. */
final class FailureReport implements IExecutionExceptionHandler {
  private static final Logger log = LoggerFactory.getLogger(FailureReport.class);

  /** Failures of the file system whose message is the file's name. */
  private static final Map<Class<?>, String> REASONS =
      Map.of(
          AccessDeniedException.class, "permission denied",
          FileAlreadyExistsException.class, "a file of this name is there already",
          NoSuchFileException.class, "no such file or folder",
          NotDirectoryException.class, "is not a folder");

  @Override
  public int handleExecutionException(
      Exception thrown, CommandLine commandLine, ParseResult parseResult) {
    Exception failure = checked(thrown);
    if (processEnds()) { // nothing can be loaded any more, and no fault is what it seems to be
      log.info("stopped: {}", failure.toString());
      return commandLine.getCommandSpec().exitCodeOnExecutionException();
    }
    boolean users =
        failure instanceof ConfigException
            || failure instanceof ModelException
            || failure instanceof ModelOutputException
            || failure instanceof IOException
            || failure instanceof IllegalArgumentException;
    Optional<LinkageError> linkage = linkage(failure);
    if (linkage.isPresent()) {
      commandLine.getErr().println(message(linkage.get()));
      log.debug("the command failed", failure);
    } else if (users) {
      commandLine.getErr().println("maskstream: " + message(failure));
      log.debug("the command failed", failure);
    } else {
      log.error("the command failed", failure);
    }
    return commandLine.getCommandSpec().exitCodeOnExecutionException();
  }

  /** Whether a signal has begun to end the process. */
  private static boolean processEnds() {
    Thread hook = new Thread(() -> {}, "none");
    try {
      Runtime.getRuntime().addShutdownHook(hook);
      Runtime.getRuntime().removeShutdownHook(hook);
      return false;
    } catch (IllegalStateException e) {
      return true;
    }
  }

  private static Exception checked(Exception thrown) {
    return thrown instanceof UncheckedIOException && thrown.getCause() instanceof IOException cause
        ? cause
        : thrown;
  }

  /** Says that a native library cannot be loaded, and where the libraries are unpacked. */
  private static String message(LinkageError failure) {
    return "maskstream: a native library cannot be loaded: %s. They are unpacked below %s and %s; both need 300 MB, and programs in them must be allowed to run (no noexec). MASKSTREAM_JAVA_OPTS=\"-Djava.io.tmpdir=FOLDER -Dorg.bytedeco.javacpp.cachedir=FOLDER\" takes others"
        .formatted(failure.getMessage(), System.getProperty("java.io.tmpdir"), javaCppFolder());
  }

  private static String javaCppFolder() {
    return System.getProperty(
        "org.bytedeco.javacpp.cachedir",
        Path.of(System.getProperty("user.home"), ".javacpp", "cache").toString());
  }

  /** The innermost cause of this kind, which has the reason. */
  private static Optional<LinkageError> linkage(Throwable failure) {
    Optional<LinkageError> innermost = Optional.empty();
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      boolean mixedJars = cause instanceof IncompatibleClassChangeError;
      if (cause instanceof LinkageError linkage && !mixedJars) {
        innermost = Optional.of(linkage);
      }
    }
    return innermost;
  }

  private static @Nullable String message(Exception failure) {
    if (!(failure instanceof FileSystemException file) || file.getReason() != null) {
      return failure.getMessage();
    }
    Class<?> kind = file.getClass();
    return file.getFile() + ": " + REASONS.getOrDefault(kind, kind.getSimpleName());
  }
}
