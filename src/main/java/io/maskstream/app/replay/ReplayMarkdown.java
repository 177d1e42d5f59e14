package io.maskstream.app.replay;

import io.maskstream.app.replay.ReplayReport.Report;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A report of a replay as Markdown. */
final class ReplayMarkdown {
  private static final int DIGEST_SHOWN = 16;

  private ReplayMarkdown() {}

  static String of(Report report) {
    StringBuilder text = new StringBuilder("# Replay\n\n");
    text.append("Frames captured from ").append(report.range()).append(".\n\n");
    text.append("- A: ").append(report.first()).append('\n');
    text.append("- B: ").append(report.second()).append('\n');
    report.notes().forEach(note -> text.append("- ").append(note).append('\n'));
    cameras(report, text);
    classes(report, text);
    bins(report, text);
    cost(report, text);
    worst(report, text);
    if (report.unreadable() > 0) {
      text.append("\n## Not read: ").append(report.unreadable()).append("\n\n");
      report.examples().forEach(example -> text.append("- ").append(example).append('\n'));
    }
    return text.toString();
  }

  private static <T> void table(
      StringBuilder text,
      String title,
      String head,
      List<T> rows,
      Function<T, List<String>> cells) {
    if (rows.isEmpty()) {
      return;
    }
    int columns = head.split("\\|").length;
    text.append("\n## ").append(title).append("\n\n| ").append(head).append(" |\n");
    text.append("|---".repeat(columns)).append("|\n");
    for (T row : rows) {
      List<String> escaped =
          cells.apply(row).stream().map(cell -> cell.replace("|", "\\|")).toList();
      text.append("| ").append(String.join(" | ", escaped)).append(" |\n");
    }
  }

  private static void cameras(Report report, StringBuilder text) {
    table(
        text,
        "Cameras",
        "camera | frames | compared | identical | pixels that agree, % | SHA-256 of A | of B",
        report.cameras(),
        row ->
            List.of(
                row.camera(),
                Long.toString(row.frames()),
                Long.toString(row.compared()),
                Long.toString(row.identical()),
                percent(row.agreement()),
                digest(row.firstDigest()),
                digest(row.digest())));
  }

  private static String digest(String digits) {
    return digits.isEmpty() ? "–" : "`" + digits.substring(0, DIGEST_SHOWN) + "`";
  }

  private static void classes(Report report, StringBuilder text) {
    table(
        text,
        "Classes",
        "table | class | pixels of A, % | pixels of B, % | IoU of A and B, %",
        report.classes(),
        row ->
            List.of(
                row.table(),
                row.name(),
                percent(row.firstShare()),
                percent(row.share()),
                percent(row.iou())));
  }

  private static void bins(Report report, StringBuilder text) {
    table(
        text,
        "Over time, by " + (report.binSeconds() == 1 ? "second" : "minute"),
        "camera | from | compared | pixels that agree, %",
        report.bins(),
        row ->
            List.of(
                row.camera(), row.start(), Long.toString(row.frames()), percent(row.agreement())));
  }

  private static void cost(Report report, StringBuilder text) {
    table(
        text,
        "Cost per frame",
        "side | frames | median, ms | p99, ms",
        report.cost(),
        row ->
            List.of(
                row.side(),
                Long.toString(row.frames()),
                "%.1f".formatted(row.medianMillis()),
                "%.1f".formatted(row.p99Millis())));
  }

  private static void worst(Report report, StringBuilder text) {
    if (report.worst().isEmpty()) {
      return;
    }
    text.append("\n## Frames that agree least\n\nFrame, A, B, and in red where they differ.\n");
    report
        .worst()
        .forEach(
            row ->
                text.append(
                        "\n%s, %s: %s %%\n\n"
                            .formatted(row.frame(), row.captured(), percent(row.agreement())))
                    .append("![](worst/%s)\n".formatted(row.picture().replace("%", "%25"))));
  }

  /** Percent; two digits, never rounded up to 100. */
  static String percent(@Nullable Double share) {
    if (share == null) {
      return "–";
    }
    double shown = share < 1 ? Math.min(99.99, 100 * share) : 100;
    return String.format(Locale.ROOT, "%.2f", shown);
  }
}
