package io.maskstream.app;

import org.bytedeco.ffmpeg.global.avutil;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command line. */
@Command(
    name = "maskstream",
    description = "Live semantic segmentation of camera streams on Kafka.",
    mixinStandardHelpOptions = true,
    version = "maskstream 0.1.0",
    subcommands = {
      DemoCommand.class,
      RunCommand.class,
      SegmentCommand.class,
      EvalCommand.class,
      BenchCommand.class,
      TailCommand.class,
      TopicsCommand.class,
      ResetCommand.class,
      SwapCommand.class,
      TrainCommand.class,
      CompareCommand.class,
      ExplainCommand.class,
      CompileCommand.class,
      CalibrateCommand.class,
      ExportCommand.class,
      CommandLine.HelpCommand.class
    })
public final class Maskstream {

  /** Runs a command and ends the process with its exit code. */
  public static void main(String[] arguments) {
    avutil.av_log_set_level(avutil.AV_LOG_ERROR);
    System.exit(commandLine().execute(arguments));
  }

  static CommandLine commandLine() {
    return new CommandLine(new Maskstream())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExecutionExceptionHandler(new FailureReport());
  }
}
