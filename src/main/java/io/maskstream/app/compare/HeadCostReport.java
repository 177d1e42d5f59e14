package io.maskstream.app.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;

/** What heads cost, as Markdown and CSV. */
final class HeadCostReport {

  /** The network's own last layer. */
  static final String PLAIN = "plain";

  private static final double MEGA = 1e6;
  private static final double GIGA = 1e9;
  private static final String NONE = "";

  private final List<HeadCosts.Row> rows;

  HeadCostReport(List<HeadCosts.Row> rows) {
    this.rows = List.copyOf(rows);
  }

  void write(Path folder) throws IOException {
    Files.writeString(folder.resolve("table.md"), markdown());
    Files.writeString(folder.resolve("table.csv"), csv());
  }

  /** One table per size; a head's row has what it adds to the row of the plain network. */
  String markdown() {
    StringBuilder text = new StringBuilder();
    for (HeadCostConfig.Size size : rows.stream().map(HeadCosts.Row::size).distinct().toList()) {
      text.append(
          "\n%d×%d:\n\n".formatted(size.width(), size.height())
              + "| network | last layer | parameters, M | GFLOPs | memory, MB | latency, ms | last layer alone, ms | in the paper |\n"
              + "|---|---|---|---|---|---|---|---|\n");
      HeadCosts.Row plain = null;
      for (HeadCosts.Row row : rows) {
        if (row.size().equals(size)) {
          plain = row.head().equals(PLAIN) ? row : plain;
          text.append(row.equals(plain) || plain == null ? plain(row) : added(row, plain));
        }
      }
    }
    return text.toString();
  }

  private static String plain(HeadCosts.Row row) {
    return String.format(
        Locale.ROOT,
        "| %s | %s | %.2f | %.2f | %s | %s | %.1f | %s |%n",
        row.network(),
        row.head(),
        row.graph().parameters() / MEGA,
        row.graph().multiplyAdds() / GIGA,
        megabytes(peak(row), "%.0f"),
        decimal("%.0f", row.pass().millis()),
        row.alone().millis(),
        row.paper());
  }

  private static String added(HeadCosts.Row row, HeadCosts.Row plain) {
    return String.format(
        Locale.ROOT,
        "| %s | %s | %+.2f | %+.2f | %s | %s | %+.1f | %s |%n",
        row.network(),
        row.head(),
        (row.graph().parameters() - plain.graph().parameters()) / MEGA,
        (row.graph().multiplyAdds() - plain.graph().multiplyAdds()) / GIGA,
        megabytes(difference(peak(row), peak(plain)), "%+.0f"),
        decimal("%+.0f", row.pass().extraMillis()) + decimal(" (×%.2f)", row.pass().ratio()),
        row.alone().extraMillis(),
        row.paper());
  }

  private static String decimal(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }

  private static OptionalLong peak(HeadCosts.Row row) {
    return row.pass().peakBytes();
  }

  private static OptionalLong difference(OptionalLong a, OptionalLong b) {
    return a.isPresent() && b.isPresent()
        ? OptionalLong.of(a.getAsLong() - b.getAsLong())
        : OptionalLong.empty();
  }

  private static String megabytes(OptionalLong bytes, String format) {
    return bytes.isPresent() ? decimal(format, bytes.getAsLong() / MEGA) : NONE;
  }

  private String csv() {
    StringBuilder text =
        new StringBuilder(
            "width,height,network,head,parameters,multiplyAdds,peakBytes,millis,extraMillis,ratio,headMillis,headExtraMillis\n");
    for (HeadCosts.Row row : rows) {
      OptionalLong peak = peak(row);
      text.append(
          String.format(
              Locale.ROOT,
              "%d,%d,%s,\"%s\",%d,%d,%s,%.3f,%.3f,%.4f,%.3f,%.3f%n",
              row.size().width(),
              row.size().height(),
              row.network(),
              row.head(),
              row.graph().parameters(),
              row.graph().multiplyAdds(),
              peak.isPresent() ? Long.toString(peak.getAsLong()) : NONE,
              row.pass().millis(),
              row.pass().extraMillis(),
              row.pass().ratio(),
              row.alone().millis(),
              row.alone().extraMillis()));
    }
    return text.toString();
  }
}
