package io.maskstream.config;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.util.JsonParserDelegate;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A parser whose numbers and truth values are texts as the file has them: YAML takes the camera 010
 * for 8 and off for false. What is wanted as a number is converted by {@link Scalars}.
 */
final class WrittenScalars extends JsonParserDelegate {
  private @Nullable JsonToken token;

  WrittenScalars(JsonParser yaml) {
    super(yaml);
  }

  @Override
  public @Nullable JsonToken nextToken() throws IOException {
    JsonToken next = super.nextToken();
    boolean typed = next != null && (next.isNumeric() || next.isBoolean());
    token = typed ? JsonToken.VALUE_STRING : next;
    return token;
  }

  @Override
  public @Nullable JsonToken currentToken() {
    return token;
  }

  @Override
  public int currentTokenId() {
    return token == null ? 0 : token.id();
  }

  @Override
  public boolean hasToken(JsonToken other) {
    return token == other;
  }

  @Override
  public boolean hasTokenId(int id) {
    return currentTokenId() == id;
  }

  @Override
  public boolean isExpectedStartObjectToken() {
    return token == JsonToken.START_OBJECT;
  }

  @Override
  public boolean isExpectedStartArrayToken() {
    return token == JsonToken.START_ARRAY;
  }
}
