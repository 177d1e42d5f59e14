package io.maskstream.deployment;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import io.fabric8.openshift.api.model.monitoring.v1.PodMonitor;
import io.kubernetes.client.openapi.JSON;
import io.kubernetes.client.openapi.models.V1ConfigMap;
import io.kubernetes.client.openapi.models.V1Deployment;
import io.kubernetes.client.openapi.models.V1Ingress;
import io.kubernetes.client.openapi.models.V1NetworkPolicy;
import io.kubernetes.client.openapi.models.V1PersistentVolumeClaim;
import io.kubernetes.client.openapi.models.V1PodDisruptionBudget;
import io.kubernetes.client.openapi.models.V1Secret;
import io.kubernetes.client.openapi.models.V1Service;
import io.kubernetes.client.openapi.models.V1ServiceAccount;
import io.kubernetes.client.openapi.models.V1StatefulSet;
import io.strimzi.api.kafka.model.topic.KafkaTopic;
import io.strimzi.api.kafka.model.user.KafkaUser;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Kubernetes resources against the classes of Kubernetes' client and of the operators. */
final class TypedResources {
  private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

  private TypedResources() {}

  /** The documents of a YAML text; empty ones are left out. */
  static List<JsonNode> parse(String yaml) throws IOException {
    List<JsonNode> documents = new ArrayList<>();
    YAML.readerFor(JsonNode.class).<JsonNode>readValues(yaml).forEachRemaining(documents::add);
    documents.removeIf(document -> document == null || document.isEmpty());
    return documents;
  }

  /** A field that the resource's class does not know or that is missing is an error. */
  static void validate(JsonNode resource) throws IOException {
    new JSON();
    String json = resource.toString();
    JsonElement element = JsonParser.parseString(json);
    String kind = resource.path("kind").asText();
    switch (kind) {
      case "ConfigMap" -> V1ConfigMap.validateJsonElement(element);
      case "Deployment" -> V1Deployment.validateJsonElement(element);
      case "Ingress" -> V1Ingress.validateJsonElement(element);
      case "NetworkPolicy" -> V1NetworkPolicy.validateJsonElement(element);
      case "PersistentVolumeClaim" -> V1PersistentVolumeClaim.validateJsonElement(element);
      case "PodDisruptionBudget" -> V1PodDisruptionBudget.validateJsonElement(element);
      case "Secret" -> V1Secret.validateJsonElement(element);
      case "Service" -> V1Service.validateJsonElement(element);
      case "ServiceAccount" -> V1ServiceAccount.validateJsonElement(element);
      case "StatefulSet" -> V1StatefulSet.validateJsonElement(element);
      case "PodMonitor" -> requireTyped(json, PodMonitor.class);
      case "KafkaTopic" -> requireTyped(json, KafkaTopic.class);
      case "KafkaUser" -> requireTyped(json, KafkaUser.class);
      case "ScaledObject" -> requireTyped(json, ScaledObject.class);
      case "TriggerAuthentication" -> requireTyped(json, TriggerAuthentication.class);
      default -> throw new IllegalArgumentException("no class for " + kind);
    }
  }

  /** The operators' own classes, but a field they do not know is an error. */
  private static void requireTyped(String json, Class<?> type) throws IOException {
    ObjectMapper strict =
        new ObjectMapper()
            .setAnnotationIntrospector(
                new JacksonAnnotationIntrospector() {
                  @Override
                  public Boolean hasAnySetter(Annotated member) {
                    return false;
                  }
                });
    Object unused = strict.readValue(json, type);
  }

  private record Metadata(String name, Map<String, String> labels) {}

  /** KEDA 2's scaled object, as far as its pages name fields; it has no Java classes. */
  private record ScaledObject(String apiVersion, String kind, Metadata metadata, ScaledSpec spec) {
    private record ScaledSpec(
        Target scaleTargetRef,
        int minReplicaCount,
        int maxReplicaCount,
        int cooldownPeriod,
        int pollingInterval,
        List<Trigger> triggers) {}

    private record Target(String apiVersion, String kind, String name) {}

    private record Trigger(
        String type, String name, TriggerMetadata metadata, Reference authenticationRef) {}

    /** Of the scalers for Kafka and Prometheus. */
    private record TriggerMetadata(
        String bootstrapServers,
        String consumerGroup,
        String topic,
        String lagThreshold,
        String activationLagThreshold,
        String offsetResetPolicy,
        String allowIdleConsumers,
        String limitToPartitionsWithLag,
        String sasl,
        String tls,
        String serverAddress,
        String query,
        String threshold,
        String activationThreshold) {}

    private record Reference(String name, String kind) {}
  }

  /** KEDA 2's trigger authentication by secrets. */
  private record TriggerAuthentication(
      String apiVersion, String kind, Metadata metadata, SecretSpec spec) {
    private record SecretSpec(List<Entry> secretTargetRef) {}

    private record Entry(String parameter, String name, String key) {}
  }
}
