package io.maskstream.topic;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.errors.TopicExistsException;

/** Creates and lists the topics of a deployment. */
public final class TopicAdmin {
  private static final int PATIENCE_SECONDS = 20;

  private final Admin admin;

  public TopicAdmin(Admin admin) {
    this.admin = admin;
  }

  /** Creates what is missing and returns the names of it; topics that exist stay as they are. */
  public List<String> create(TopicSettings settings)
      throws ExecutionException, InterruptedException, TimeoutException {
    Set<String> existing = names();
    List<String> created = new ArrayList<>();
    for (NewTopic topic : settings.topics()) {
      if (!existing.contains(topic.name()) && create(topic)) {
        created.add(topic.name());
      }
    }
    return created;
  }

  private boolean create(NewTopic topic)
      throws ExecutionException, InterruptedException, TimeoutException {
    try {
      admin.createTopics(List.of(topic)).all().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      return true;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof TopicExistsException) {
        return false; // another worker was quicker
      }
      throw e;
    }
  }

  /** Topics that a deployment needs and the cluster does not have. */
  public List<String> missing(TopicNames names)
      throws ExecutionException, InterruptedException, TimeoutException {
    Set<String> existing = names();
    return names.all().stream().filter(name -> !existing.contains(name)).toList();
  }

  /** The deployment's topics that exist. */
  public List<TopicDescription> describe(TopicNames names)
      throws ExecutionException, InterruptedException, TimeoutException {
    Set<String> existing = names();
    List<String> ours = names.all().stream().filter(existing::contains).toList();
    return admin
        .describeTopics(ours)
        .allTopicNames()
        .get(PATIENCE_SECONDS, TimeUnit.SECONDS)
        .values()
        .stream()
        .sorted(java.util.Comparator.comparing(TopicDescription::name))
        .toList();
  }

  private Set<String> names() throws ExecutionException, InterruptedException, TimeoutException {
    return admin.listTopics().names().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }
}
