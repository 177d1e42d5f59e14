package io.maskstream.config;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What of YAML a configuration may use: one document, without anchors and aliases. */
final class YamlText {
  private static final YAMLFactory FACTORY = new YAMLFactory();

  /** Where the parser shows the line itself, in which there may be a secret. */
  private static final Pattern EXCERPT =
      Pattern.compile("\\s*in '?reader'?, line (\\d+), column (\\d+):\\n.*\\n\\s*\\^\\s*");

  private YamlText() {}

  /** What is wrong with a text, and where. */
  static String mistake(JsonProcessingException failure) {
    Matcher excerpts = EXCERPT.matcher(failure.getOriginalMessage());
    if (excerpts.find()) {
      return "not YAML: " + excerpts.replaceAll(" (line $1, column $2); ").replaceAll("; $", "");
    }
    int line = failure.getLocation() == null ? 0 : failure.getLocation().getLineNr();
    return "line %d: not YAML: %s".formatted(line, failure.getOriginalMessage());
  }

  /**
   * Checks a text.
   *
   * @throws JsonProcessingException with the place, where it is no YAML or uses more
   */
  static void requirePlain(String text) throws JsonProcessingException {
    try (YAMLParser parser = FACTORY.createParser(text)) {
      int depth = 0;
      boolean ended = false;
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (ended) {
          throw new JsonParseException(parser, "a second document; a file must have one");
        }
        if (parser.isCurrentAlias() || parser.getObjectId() != null) {
          throw new JsonParseException(parser, "anchors and aliases are not supported");
        }
        depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
        ended = depth == 0;
      }
    } catch (JsonProcessingException e) {
      throw e;
    } catch (IOException e) {
      throw new UncheckedIOException(e); // a text in memory
    }
  }
}
