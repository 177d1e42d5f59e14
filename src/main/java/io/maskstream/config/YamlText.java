package io.maskstream.config;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.io.UncheckedIOException;

/** What of YAML a configuration may use: one document, without anchors and aliases. */
final class YamlText {
  private static final YAMLFactory FACTORY = new YAMLFactory();

  private YamlText() {}

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
