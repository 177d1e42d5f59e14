package io.maskstream.topic;

import io.maskstream.frame.ClassTable;
import io.maskstream.frame.SegmentationClass;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/** Class tables as the JSON records of {@code class-tables}, keyed by the table's id. */
public final class ClassTableRecords {

  /** The JSON form. */
  record Table(@Nullable String id, @Nullable List<Entry> classes) {
    /** One class; its id is its place. */
    record Entry(@Nullable String name, @Nullable String color, @Nullable String group) {}
  }

  private ClassTableRecords() {}

  public static ProducerRecord<byte[], byte[]> record(TopicNames topics, ClassTable table) {
    List<Table.Entry> entries =
        table.classes().stream()
            .map(c -> new Table.Entry(c.name(), c.hexColor(), c.group()))
            .toList();
    return new ProducerRecord<>(
        topics.classTables(),
        table.id().getBytes(StandardCharsets.UTF_8),
        Json.write(new Table(table.id(), entries)));
  }

  /**
   * Reads a table.
   *
   * @throws IllegalArgumentException or SerializationException if it is none
   */
  public static ClassTable read(byte[] value) {
    Table table = Json.read(value, Table.class);
    String id = table.id();
    List<Table.Entry> entries = table.classes();
    if (id == null || entries == null) {
      throw new IllegalArgumentException("a class table must have an id and classes");
    }
    return new ClassTable(id, entries.stream().map(ClassTableRecords::read).toList());
  }

  private static SegmentationClass read(Table.@Nullable Entry entry) {
    if (entry == null || entry.name == null || entry.color == null || entry.group == null) {
      throw new IllegalArgumentException("a class must have a name, a color and a group");
    }
    return SegmentationClass.ofHex(entry.name, entry.color, entry.group);
  }
}
