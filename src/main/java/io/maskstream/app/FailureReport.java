package io.maskstream.app;

import io.maskstream.config.ConfigException;
import io.maskstream.inference.ModelException;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParseResult;

/** One clear message for what a user can fix; the stack trace for what is ours. */
final class FailureReport implements IExecutionExceptionHandler {
  private static final Logger log = LoggerFactory.getLogger(FailureReport.class);

  @Override
  public int handleExecutionException(
      Exception failure, CommandLine commandLine, ParseResult parseResult) {
    boolean users =
        failure instanceof ConfigException
            || failure instanceof ModelException
            || failure instanceof IOException
            || failure instanceof IllegalArgumentException;
    if (users) {
      commandLine.getErr().println("maskstream: " + failure.getMessage());
      log.debug("the command failed", failure);
    } else {
      log.error("the command failed", failure);
    }
    return commandLine.getCommandSpec().exitCodeOnExecutionException();
  }
}
