package io.maskstream.topic;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.CommonClientConfigs;

/**
 * How a process takes part in a consumer group.
 *
 * @param group name of the group
 * @param sessionTimeout time without a sign of life after which others take over
 * @param instance name of the process that stays over a restart, for static membership
 */
public record GroupMember(String group, Duration sessionTimeout, Optional<String> instance) {
  /** Signs of life per session timeout; a few may be lost. */
  private static final int HEARTBEATS = 5;

  /** Settings of the consumer. */
  public Map<String, Object> settings() {
    Map<String, Object> settings = new LinkedHashMap<>();
    int timeout = (int) sessionTimeout.toMillis();
    settings.put(CommonClientConfigs.GROUP_ID_CONFIG, group);
    settings.put(CommonClientConfigs.SESSION_TIMEOUT_MS_CONFIG, timeout);
    settings.put(CommonClientConfigs.HEARTBEAT_INTERVAL_MS_CONFIG, timeout / HEARTBEATS);
    instance.ifPresent(name -> settings.put(CommonClientConfigs.GROUP_INSTANCE_ID_CONFIG, name));
    return settings;
  }

  /** The same process in another group. */
  public GroupMember in(String other) {
    return new GroupMember(other, sessionTimeout, instance);
  }
}
