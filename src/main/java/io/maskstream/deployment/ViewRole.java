package io.maskstream.deployment;

import io.maskstream.camera.CameraRegistry;
import io.maskstream.event.WebhookConfig;
import io.maskstream.event.WebhookSink;
import io.maskstream.metrics.EventMetrics;
import io.maskstream.metrics.Health;
import io.maskstream.metrics.Metrics;
import io.maskstream.rollout.ModelOrders;
import io.maskstream.topic.AdminSession;
import io.maskstream.topic.GroupMember;
import io.maskstream.topic.KafkaConnection;
import io.maskstream.topic.RecordLoop;
import io.maskstream.viewer.FeedSource;
import io.maskstream.viewer.ViewServer;
import java.io.IOException;
import java.time.Clock;
import java.util.function.Supplier;

/** The view role: the page, and the webhook that events are sent to. */
final class ViewRole {
  /** After the deployment's name: the group of the processes that call the webhook. */
  private static final String WEBHOOK_GROUP = "-webhook";

  private ViewRole() {}

  static ViewServer start(
      DeploymentConfig config, KafkaConnection kafka, Metrics metrics, Health health, Closer closer)
      throws IOException, InterruptedException {
    ViewServer page =
        closer.add(
            ViewServer.start(
                config.view(),
                new FeedSource(
                    kafka.consumer(config.topics().maxRecordBytes()),
                    config.topics().names(),
                    pictures(config),
                    new RecordLoop.Observer(metrics::recordRefused, metrics::readerRestarted)),
                deployed(config, kafka)));
    check(health, "page feed", Health.Severity.NOT_READY, page::feed);
    check(health, "page events", Health.Severity.DEGRADED, page::eventFeed);
    if (config.webhook().isPresent()) {
      WebhookSink sink =
          closer.add(WebhookSink.start(webhook(config.webhook().get(), config, kafka, metrics)));
      check(health, "webhook", Health.Severity.DEGRADED, sink::status);
    }
    return page;
  }

  private static ViewServer.Deployed deployed(DeploymentConfig config, KafkaConnection kafka) {
    Clock clock = Clock.systemUTC();
    return new ViewServer.Deployed(
        new RegistryControl(new CameraRegistry(kafka, config.topics())),
        new RolloutControl(
            new ModelOrders(kafka, config.topics().names(), config.name(), clock),
            config.segment().folders(),
            clock),
        new DeployedRules(config, kafka),
        config.segment().redact().isPresent() && pictures(config) == FeedSource.Pictures.RAW);
  }

  private static FeedSource.Pictures pictures(DeploymentConfig config) {
    if (!config.pictures().held()) {
      return FeedSource.Pictures.RAW;
    }
    return config.segment().redact().isPresent()
        ? FeedSource.Pictures.REDACTED
        : FeedSource.Pictures.NONE;
  }

  private static WebhookSink.Parts webhook(
      WebhookConfig webhook, DeploymentConfig config, KafkaConnection kafka, Metrics metrics)
      throws InterruptedException {
    GroupMember member;
    try (AdminSession session = AdminSession.open(kafka)) {
      member = config.member(config.name() + WEBHOOK_GROUP, session.admin());
    }
    return new WebhookSink.Parts(
        webhook,
        kafka,
        config.topics().names().events(),
        member,
        counting(metrics.events()),
        Clock.systemUTC());
  }

  private static WebhookSink.Observer counting(EventMetrics metrics) {
    metrics.webhook(WebhookSink.outcomes());
    return new WebhookSink.Observer() {
      @Override
      public void called(String outcome) {
        metrics.webhookCall(outcome);
      }

      @Override
      public void failingSince(long millis) {
        metrics.webhookFailing(millis / 1e3);
      }
    };
  }

  /** A check that a loop reads its topics. */
  static void check(
      Health health, String name, Health.Severity severity, Supplier<RecordLoop.Status> status) {
    health.add(
        name,
        severity,
        () -> new Health.CheckResult(status.get().reads(), status.get().sentence()));
  }
}
