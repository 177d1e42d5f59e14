package io.maskstream.app;

import io.maskstream.app.bench.BenchCommand;
import io.maskstream.app.compare.CompareCommand;
import io.maskstream.app.demo.DemoCommand;
import io.maskstream.app.model.AdoptCommand;
import io.maskstream.app.model.CalibrateCommand;
import io.maskstream.app.model.CalibrateUnknownCommand;
import io.maskstream.app.model.CompileCommand;
import io.maskstream.app.model.EvalCommand;
import io.maskstream.app.model.ExplainCommand;
import io.maskstream.app.model.ExportCommand;
import io.maskstream.app.model.QuantizeCommand;
import io.maskstream.app.model.TrainCommand;
import io.maskstream.app.replay.ReplayCommand;
import io.maskstream.app.serve.AuditCommand;
import io.maskstream.app.serve.CamerasCommand;
import io.maskstream.app.serve.PasswordCommand;
import io.maskstream.app.serve.ResetCommand;
import io.maskstream.app.serve.RunCommand;
import io.maskstream.app.serve.SegmentCommand;
import io.maskstream.app.serve.SwapCommand;
import io.maskstream.app.serve.TailCommand;
import io.maskstream.app.serve.TopicsCommand;
import java.util.Locale;
import java.util.Objects;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExecutionException;
import picocli.CommandLine.ParseResult;

/** The command line. */
@Command(
    name = "maskstream",
    description = "Live semantic segmentation of camera streams on Kafka.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionInfo.class,
    subcommands = {
      DemoCommand.class,
      RunCommand.class,
      SegmentCommand.class,
      EvalCommand.class,
      BenchCommand.class,
      TailCommand.class,
      TopicsCommand.class,
      CamerasCommand.class,
      AuditCommand.class,
      ReplayCommand.class,
      ResetCommand.class,
      SwapCommand.class,
      PasswordCommand.class,
      TrainCommand.class,
      CompareCommand.class,
      ExplainCommand.class,
      CompileCommand.class,
      CalibrateCommand.class,
      CalibrateUnknownCommand.class,
      ExportCommand.class,
      AdoptCommand.class,
      QuantizeCommand.class,
      CommandLine.HelpCommand.class
    })
public final class Maskstream {

  /** Runs a command and ends the process with its exit code. */
  public static void main(String[] arguments) {
    Locale.setDefault(Locale.ROOT); // one way to write numbers, wherever the machine is
    System.exit(commandLine().execute(arguments));
  }

  public static CommandLine commandLine() {
    CommandLine line = new CommandLine(new Maskstream());
    Objects.requireNonNull(line.getSubcommands().get("help"))
        .getCommandSpec()
        .usageMessage()
        .description("Shows the help of a command, or of all where none is given.");
    return line.setCaseInsensitiveEnumValuesAllowed(true)
        .setExecutionStrategy(Maskstream::run)
        .setExecutionExceptionHandler(new FailureReport());
  }

  /** Native libraries that cannot be loaded go to the handler of exceptions, too. */
  private static int run(ParseResult parsed) {
    try {
      return new CommandLine.RunLast().execute(parsed);
    } catch (LinkageError e) {
      throw new ExecutionException(parsed.commandSpec().commandLine(), String.valueOf(e), e);
    }
  }
}
