package io.maskstream.topic;

import io.maskstream.frame.ClassTable;
import io.maskstream.frame.SegmentationClass;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Class tables as the JSON records of {@code class-tables}, keyed by the table's id. */
public final class ClassTableRecords {

  /** The JSON form. */
  record Table(String id, List<Entry> classes) {
    /** One class; its id is its place. */
    record Entry(String name, String color, String group) {}
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

  public static ClassTable read(byte[] value) {
    Table table = Json.read(value, Table.class);
    return new ClassTable(
        table.id(),
        table.classes().stream()
            .map(c -> SegmentationClass.ofHex(c.name(), c.color(), c.group()))
            .toList());
  }
}
