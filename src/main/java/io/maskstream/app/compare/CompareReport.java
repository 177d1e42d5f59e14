package io.maskstream.app.compare;

import io.maskstream.frame.ClassTable;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.Rectangle;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;

/** A comparison as Markdown, CSV and a plot of accuracy against latency. */
final class CompareReport {
  private static final int WIDTH = 900;
  private static final int HEIGHT = 600;
  private static final int MARGIN = 80;

  private static final String CSV_HEAD =
      "model,run,miou,boundaryIou,flipRate,temporalConsistency,reusedMiou,reusedFlipRate,"
          + "reusedTemporalConsistency,foreignMiou,parameters,multiplyAdds,latencyMillis";

  private final List<ComparedModel> models;
  private final ClassTable table;

  CompareReport(List<ComparedModel> models, ClassTable table) {
    this.models = models;
    this.table = table;
  }

  void write(Path folder) throws IOException {
    Files.writeString(folder.resolve("table.md"), markdown());
    Files.writeString(folder.resolve("table.csv"), csv());
    ImageIO.write(plot(), "png", folder.resolve("plot.png").toFile());
  }

  /** Percent; the mean, and half the span over the seeds where there are several. */
  private static String percent(
      ComparedModel model, java.util.function.ToDoubleFunction<ComparedModel.Run> value) {
    if (Double.isNaN(model.mean(value))) {
      return "–";
    }
    String mean = String.format(Locale.ROOT, "%.2f", 100 * model.mean(value));
    return model.runs().size() == 1
        ? mean
        : mean + String.format(Locale.ROOT, " ± %.2f", 100 * model.spread(value));
  }

  String markdown() {
    StringBuilder text = new StringBuilder();
    appendMeasures(text);
    appendClasses(text);
    return text.toString();
  }

  private void appendMeasures(StringBuilder text) {
    text.append("| model | seeds | mIoU | boundary IoU | flips | consistency | mIoU, reuse ")
        .append(
            "| flips, reuse | consistency, reuse | mIoU, foreign drive | parameters | GFLOPs | latency ms | ratio |\n")
        .append("|---".repeat(14))
        .append("|\n");
    double first = models.get(0).mean(ComparedModel.Run::millis);
    for (ComparedModel model : models) {
      double millis = model.mean(ComparedModel.Run::millis);
      List<String> cells =
          List.of(
              model.name(),
              Integer.toString(model.runs().size()),
              percent(model, ComparedModel.Run::miou),
              percent(model, ComparedModel.Run::boundaryIou),
              percent(model, ComparedModel.Run::flipRate),
              percent(model, ComparedModel.Run::consistency),
              percent(model, ComparedModel.Run::reusedMiou),
              percent(model, ComparedModel.Run::reusedFlipRate),
              percent(model, ComparedModel.Run::reusedConsistency),
              percent(model, ComparedModel.Run::foreignMiou),
              String.format(Locale.ROOT, "%.2f M", model.runs().get(0).parameters() / 1e6),
              String.format(Locale.ROOT, "%.2f", 2 * model.runs().get(0).multiplyAdds() / 1e9),
              String.format(Locale.ROOT, "%.1f", millis),
              String.format(Locale.ROOT, "%.3f", millis / first));
      text.append("| ").append(String.join(" | ", cells)).append(" |\n");
    }
  }

  private void appendClasses(StringBuilder text) {
    text.append("\n| model |");
    for (int k = 0; k < table.size(); k++) {
      text.append(' ').append(table.name(k)).append(" |");
    }
    text.append("\n|---|").append("---|".repeat(table.size())).append('\n');
    for (ComparedModel model : models) {
      text.append("| ").append(model.name()).append(" |");
      for (int k = 0; k < table.size(); k++) {
        int id = k;
        text.append(
            String.format(Locale.ROOT, " %.1f |", 100 * model.mean(run -> run.classIou()[id])));
      }
      text.append('\n');
    }
  }

  String csv() {
    StringBuilder text = new StringBuilder(CSV_HEAD);
    for (int k = 0; k < table.size(); k++) {
      text.append(',').append(table.name(k));
    }
    text.append('\n');
    for (ComparedModel model : models) {
      for (int i = 0; i < model.runs().size(); i++) {
        appendRow(text, model.name(), i + 1, model.runs().get(i));
      }
    }
    return text.toString();
  }

  private static void appendRow(
      StringBuilder text, String model, int number, ComparedModel.Run run) {
    text.append(
        String.format(
            Locale.ROOT,
            "\"%s\",%d,%.6f,%.6f,%.6f,%.6f,%.6f,%.6f,%.6f,%.6f,%d,%d,%.3f",
            model.replace("\"", "\"\""),
            number,
            run.miou(),
            run.boundaryIou(),
            run.flipRate(),
            run.consistency(),
            run.reusedMiou(),
            run.reusedFlipRate(),
            run.reusedConsistency(),
            run.foreignMiou(),
            run.parameters(),
            run.multiplyAdds(),
            run.millis()));
    for (double iou : run.classIou()) {
      text.append(String.format(Locale.ROOT, ",%.6f", iou));
    }
    text.append('\n');
  }

  private record Scale(double least, double most) {
    static Scale of(double[] values) {
      double least = Double.POSITIVE_INFINITY;
      double most = Double.NEGATIVE_INFINITY;
      for (double value : values) {
        least = Math.min(least, value);
        most = Math.max(most, value);
      }
      double edge = Math.max(1e-6, (most - least) * 0.2 + most * 0.01);
      return new Scale(least - edge, most + edge);
    }

    int at(double value, int from, int to) {
      return (int) Math.round(from + (value - least) / (most - least) * (to - from));
    }
  }

  private BufferedImage plot() {
    BufferedImage image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    graphics.setColor(Color.WHITE);
    graphics.fillRect(0, 0, WIDTH, HEIGHT);
    Scale x =
        Scale.of(models.stream().mapToDouble(m -> m.mean(ComparedModel.Run::millis)).toArray());
    Scale y =
        Scale.of(models.stream().mapToDouble(m -> 100 * m.mean(ComparedModel.Run::miou)).toArray());
    drawAxes(graphics, x, y);
    List<Rectangle> names = new ArrayList<>();
    for (ComparedModel model : models) {
      int column = x.at(model.mean(ComparedModel.Run::millis), MARGIN, WIDTH - MARGIN);
      int row = y.at(100 * model.mean(ComparedModel.Run::miou), HEIGHT - MARGIN, MARGIN);
      drawModel(graphics, model.name(), column, row, names);
    }
    graphics.dispose();
    return image;
  }

  private static void drawAxes(Graphics2D graphics, Scale x, Scale y) {
    graphics.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 14));
    graphics.setColor(Color.DARK_GRAY);
    graphics.setStroke(new BasicStroke(1.5f));
    graphics.drawLine(MARGIN, HEIGHT - MARGIN, WIDTH - MARGIN, HEIGHT - MARGIN);
    graphics.drawLine(MARGIN, MARGIN, MARGIN, HEIGHT - MARGIN);
    graphics.drawString("latency of one image, one CPU thread, ms", WIDTH / 2 - 140, HEIGHT - 20);
    graphics.drawString("mIoU, %", 12, MARGIN - 20);
    for (int i = 0; i <= 4; i++) {
      double left = x.least + i * (x.most - x.least) / 4;
      double up = y.least + i * (y.most - y.least) / 4;
      graphics.drawString(
          String.format(Locale.ROOT, "%.1f", left),
          x.at(left, MARGIN, WIDTH - MARGIN) - 14,
          HEIGHT - MARGIN + 22);
      graphics.drawString(
          String.format(Locale.ROOT, "%.1f", up), MARGIN - 46, y.at(up, HEIGHT - MARGIN, MARGIN));
    }
  }

  /** Draws the point of a model, and its name where no earlier one is. */
  private static void drawModel(
      Graphics2D graphics, String model, int column, int row, List<Rectangle> names) {
    graphics.setColor(new Color(0x2060E0));
    graphics.fillOval(column - 5, row - 5, 10, 10);
    graphics.setColor(Color.BLACK);
    Rectangle name = graphics.getFontMetrics().getStringBounds(model, graphics).getBounds();
    name.translate(column + 16, row + 5);
    while (names.stream().anyMatch(name::intersects)) { // further down, with a line to it
      name.translate(0, 4);
    }
    names.add(name);
    graphics.drawString(model, name.x, name.y + graphics.getFontMetrics().getAscent());
    graphics.drawLine(column, row, name.x - 3, name.y + name.height / 2);
  }
}
