package io.maskstream.redaction;

import io.maskstream.config.Checks;
import io.maskstream.config.Key;
import io.maskstream.config.Labels;
import java.util.List;

/** What is taken out of the pictures in the topic of redacted frames, and how. */
public record RedactionConfig(
    @Key("Classes whose pixels are taken out.") List<String> classes,
    @Key(
            value =
                "fill: gray, nothing is left; pixelate: blocks of a 32nd of the longer side; blur: the"
                    + " same, smoothed.",
            defaultValue = "fill")
        Mode mode,
    @Key(value = "Pixels of the picture by which each mask grows.", defaultValue = "6")
        int growPixels,
    @Key(
            value = "Masks of the camera's last frames that are joined, this frame's included.",
            defaultValue = "3")
        int frames,
    @Key(value = "Quality of the JPEG, 1 to 100.", defaultValue = "85") int quality) {

  private static final int MAX_GROW = 200;
  private static final int MAX_FRAMES = 100;

  /** How pixels are taken out. */
  public enum Mode {
    FILL,
    PIXELATE,
    BLUR;

    public String label() {
      return Labels.of(this);
    }
  }

  public RedactionConfig {
    classes = List.copyOf(classes);
    Checks.require(!classes.isEmpty(), "redact: classes must not be empty");
    require("growPixels", growPixels, 0, MAX_GROW);
    require("frames", frames, 1, MAX_FRAMES);
    require("quality", quality, 1, 100);
  }

  private static void require(String key, int value, int min, int max) {
    Checks.require(
        value >= min && value <= max,
        "redact: %s must be %d to %d, is %d".formatted(key, min, max, value));
  }
}
