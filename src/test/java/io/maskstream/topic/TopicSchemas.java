package io.maskstream.topic;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Error;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/** The published schemas, for tests. */
public final class TopicSchemas {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private TopicSchemas() {}

  /** The schema of a topic, whose name has no prefix. */
  public static JsonNode schema(String topic) throws IOException {
    try (InputStream in = TopicSchemas.class.getResourceAsStream("/schemas/" + topic + ".json")) {
      return MAPPER.readTree(in);
    }
  }

  /** The same with no field in a record that the schema does not describe. */
  public static JsonNode strict(String topic) throws IOException {
    JsonNode schema = schema(topic);
    forbidOthers(schema);
    return schema;
  }

  private static void forbidOthers(JsonNode schema) {
    if (schema instanceof ObjectNode object
        && object.has("properties")
        && !object.has("additionalProperties")) {
      object.put("additionalProperties", false);
    }
    schema.forEach(TopicSchemas::forbidOthers);
  }

  /** What a record breaks. */
  public static List<Error> errors(JsonNode schema, JsonNode record) {
    return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
        .getSchema(schema)
        .validate(record);
  }

  /** What a record breaks. */
  public static List<Error> errors(JsonNode schema, byte[] record) throws IOException {
    return errors(schema, MAPPER.readTree(record));
  }
}
