{{- define "maskstream.name" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 40 | trimSuffix "-" }}{{ else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 40 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "maskstream.deployment" -}}
{{ .Values.deploymentName | default .Release.Name }}
{{- end }}

{{/* Labels by which pods of a role are found: (list root role). */}}
{{- define "maskstream.selector" -}}
app.kubernetes.io/name: maskstream
app.kubernetes.io/instance: {{ (index . 0).Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{- define "maskstream.labels" -}}
{{ include "maskstream.selector" . }}
app.kubernetes.io/version: {{ (index . 0).Chart.AppVersion | quote }}
app.kubernetes.io/part-of: maskstream
app.kubernetes.io/managed-by: {{ (index . 0).Release.Service }}
helm.sh/chart: {{ printf "%s-%s" (index . 0).Chart.Name (index . 0).Chart.Version }}
{{- end }}

{{/* Kafka's user and secret of a role: (list root role). */}}
{{- define "maskstream.user" -}}
{{- $root := index . 0 -}}
{{ get $root.Values.kafka.sasl.secrets (index . 1) | default (printf "%s-%s" (include "maskstream.name" $root) (index . 1)) }}
{{- end }}

{{- define "maskstream.viewSecret" -}}
{{ .Values.view.existingSecret | default (printf "%s-page" (include "maskstream.name" .)) }}
{{- end }}

{{- define "maskstream.image" -}}
{{- $root := index . 0 -}}
{{- $gpu := and (eq (index . 1) "segment") $root.Values.segment.gpu.enabled -}}
{{ printf "%s:%s%s" $root.Values.image.repository ($root.Values.image.tag | default $root.Chart.AppVersion) (ternary "-gpu" "" $gpu) }}
{{- end }}

{{/* "true" where the pod of the workers reads the cameras as well. */}}
{{- define "maskstream.held" -}}
{{- if eq (dig "place" "kafka" .Values.pictures) "process" }}true{{ end }}
{{- end }}

{{/* Roles of a role's pod: (list root role). */}}
{{- define "maskstream.roles" -}}
{{- if and (eq (index . 1) "segment") (include "maskstream.held" (index . 0)) }}ingest,segment{{ else }}{{ index . 1 }}{{ end }}
{{- end }}

{{/* Name of the variable with a camera's address. */}}
{{- define "maskstream.cameraVariable" -}}
CAMERA_{{ .id | upper | replace "-" "_" | replace "." "_" }}
{{- end }}

{{- define "maskstream.kafkaSettings" -}}
{{- $root := index . 0 -}}
{{- $settings := dict -}}
{{- $tls := $root.Values.kafka.tls -}}
{{- $mechanism := $root.Values.kafka.sasl.mechanism -}}
{{- $_ := set $settings "security.protocol" (printf "%s%s" (ternary "SASL_" "" (ne $mechanism "")) (ternary "SSL" "PLAINTEXT" $tls.enabled)) -}}
{{- if $tls.enabled -}}
{{- $_ := set $settings "ssl.truststore.type" "PEM" -}}
{{- $_ := set $settings "ssl.truststore.location" (printf "/etc/maskstream-kafka/%s" $tls.caKey) -}}
{{- end -}}
{{- if $mechanism -}}
{{- $module := ternary "plain.PlainLoginModule" "scram.ScramLoginModule" (eq $mechanism "PLAIN") -}}
{{- $_ := set $settings "sasl.mechanism" $mechanism -}}
{{- $_ := set $settings "sasl.jaas.config" (printf "org.apache.kafka.common.security.%s required username=\"${KAFKA_USER}\" password=\"${KAFKA_PASSWORD}\";" $module) -}}
{{- end -}}
{{- toYaml (merge (deepCopy $root.Values.kafka.settings) $settings) -}}
{{- end }}

{{/* The topology file of a role, with what this role needs and no more: (list root role). */}}
{{- define "maskstream.topology" -}}
{{- $root := index . 0 -}}
{{- $role := index . 1 -}}
name: {{ include "maskstream.deployment" $root }}
kafka:
  bootstrap: {{ $root.Values.kafka.bootstrap | quote }}
  settings:
    {{- include "maskstream.kafkaSettings" . | nindent 4 }}
topics:
  {{- toYaml $root.Values.topics | nindent 2 }}
monitor: {bind: 0.0.0.0, log: {{ $root.Values.log }}}
{{- if and (eq $role "segment") $root.Values.segment.staticMembership.enabled }}
group: {instance: "${POD_NAME}", sessionTimeout: {{ $root.Values.segment.staticMembership.sessionSeconds }}s}
{{- end }}
{{- if eq $role "segment" }}
{{- with $root.Values.rules }}
rules:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
{{- with $root.Values.pictures }}
pictures:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- if contains "ingest" (include "maskstream.roles" .) }}
cameras:
  {{- range $root.Values.cameras }}
  {{- $url := ternary (printf "${%s}" (include "maskstream.cameraVariable" .)) (.url | default "") (hasKey . "urlSecret") }}
  {{- $camera := merge (dict "url" $url) (omit . "urlSecret" "url") }}
  - {{ toJson $camera }}
  {{- else }} []
  {{- end }}
{{- end }}
{{- if eq $role "segment" }}
segment:
  {{- toYaml (merge (deepCopy $root.Values.segment.settings) (dict "stateDir" "/var/lib/maskstream/state" "plans" "/var/lib/maskstream/plans" "engine" (ternary "tensorrt" "auto" $root.Values.segment.gpu.enabled))) | nindent 2 }}
{{- else if eq $role "view" }}
view:
  {{- $fixed := dict "bind" "0.0.0.0" }}
  {{- if $root.Values.view.usersSecret }}
  {{- $_ := set $fixed "users" "/etc/maskstream-users/users" }}
  {{- else }}
  {{- $fixed = merge $fixed (dict "user" "${VIEW_USER}" "password" "${VIEW_PASSWORD}") }}
  {{- end }}
  {{- if $root.Values.view.tlsSecret }}
  {{- $_ := set $fixed "tls" (dict "certificate" "/etc/maskstream-tls/tls.crt" "key" "/etc/maskstream-tls/tls.key") }}
  {{- end }}
  {{- toYaml (merge $fixed $root.Values.view.settings) | nindent 2 }}
{{- if $root.Values.webhook.existingSecret }}
webhook:
  {{- toYaml (merge (dict "url" "${WEBHOOK_URL}" "secret" "${WEBHOOK_SECRET}") $root.Values.webhook.settings) | nindent 2 }}
{{- end }}
{{- with pick $root.Values.segment.settings "model" "models" "redact" "unknown" }}
segment:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
{{- end }}

{{/* The pod of a role: (list root role). */}}
{{- define "maskstream.pod" -}}
{{- $root := index . 0 -}}
{{- $role := index . 1 -}}
{{- $values := get $root.Values $role -}}
{{- $gpu := and (eq $role "segment") $root.Values.segment.gpu.enabled -}}
{{- $resources := ternary $root.Values.segment.gpu.resources $values.resources $gpu -}}
{{- $startup := ternary $root.Values.segment.gpu.startupSeconds $values.startupSeconds $gpu -}}
metadata:
  labels:
    {{- include "maskstream.labels" . | nindent 4 }}
  annotations:
    checksum/topology: {{ include "maskstream.topology" . | sha256sum }}
spec:
  serviceAccountName: {{ include "maskstream.name" $root }}
  automountServiceAccountToken: false
  enableServiceLinks: false
  terminationGracePeriodSeconds: 30
  securityContext:
    runAsNonRoot: true
    runAsUser: 10001
    runAsGroup: 10001
    fsGroup: 10001
    seccompProfile: {type: RuntimeDefault}
  {{- with $root.Values.image.pullSecrets }}
  imagePullSecrets:
    {{- range . }}
    - {name: {{ . }}}
    {{- end }}
  {{- end }}
  topologySpreadConstraints:
    {{- range list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
    - maxSkew: 1
      topologyKey: {{ . }}
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels:
          {{- include "maskstream.selector" (list $root $role) | nindent 10 }}
    {{- end }}
  {{- $nodes := $values.nodeSelector }}
  {{- if $gpu }}{{ $nodes = merge (deepCopy $nodes) (dict "nvidia.com/gpu.present" "true") }}{{ end }}
  {{- with $nodes }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- $tolerations := $values.tolerations }}
  {{- if $gpu }}{{ $tolerations = append $tolerations (dict "key" "nvidia.com/gpu" "operator" "Exists" "effect" "NoSchedule") }}{{ end }}
  {{- with $tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $values.affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  volumes:
    - name: topology
      configMap: {name: {{ include "maskstream.name" $root }}-{{ $role }}}
    - name: temporary
      emptyDir: {}
    {{- if $root.Values.kafka.tls.enabled }}
    - name: kafka
      secret:
        secretName: {{ $root.Values.kafka.tls.caSecret }}
        items:
          - {key: {{ $root.Values.kafka.tls.caKey }}, path: {{ $root.Values.kafka.tls.caKey }}}
    {{- end }}
    {{- if eq $role "view" }}
    {{- with $root.Values.view.usersSecret }}
    - name: users
      secret: {secretName: {{ . }}}
    {{- end }}
    {{- with $root.Values.view.tlsSecret }}
    - name: tls
      secret: {secretName: {{ . }}}
    {{- end }}
    {{- end }}
    {{- if and (has $role (list "segment" "view")) $root.Values.models.enabled }}
    - name: models
      persistentVolumeClaim:
        claimName: {{ $root.Values.models.existingClaim | default (printf "%s-models" (include "maskstream.name" $root)) }}
        readOnly: true
    {{- end }}
  containers:
    - name: {{ $role }}
      image: {{ include "maskstream.image" . }}
      imagePullPolicy: {{ $root.Values.image.pullPolicy }}
      args: [run, /etc/maskstream/topology.yaml, --roles, {{ include "maskstream.roles" . | quote }}]
      env:
        - name: POD_NAME
          valueFrom: {fieldRef: {fieldPath: metadata.name}}
        {{- if $root.Values.kafka.sasl.mechanism }}
        - name: KAFKA_USER
          value: {{ include "maskstream.user" . }}
        - name: KAFKA_PASSWORD
          valueFrom: {secretKeyRef: {name: {{ include "maskstream.user" . }}, key: password}}
        {{- end }}
        {{- if contains "ingest" (include "maskstream.roles" .) }}
        {{- range $root.Values.cameras }}
        {{- if hasKey . "urlSecret" }}
        - name: {{ include "maskstream.cameraVariable" . }}
          valueFrom: {secretKeyRef: {name: {{ .urlSecret.name }}, key: {{ .urlSecret.key }}}}
        {{- end }}
        {{- end }}
        {{- else if eq $role "view" }}
        {{- if not $root.Values.view.usersSecret }}
        {{- range list "user" "password" }}
        - name: VIEW_{{ . | upper }}
          valueFrom: {secretKeyRef: {name: {{ include "maskstream.viewSecret" $root }}, key: {{ . }}}}
        {{- end }}
        {{- end }}
        {{- with $root.Values.webhook.existingSecret }}
        {{- range $key := list "url" "secret" }}
        - name: WEBHOOK_{{ $key | upper }}
          valueFrom: {secretKeyRef: {name: {{ $root.Values.webhook.existingSecret }}, key: {{ $key }}}}
        {{- end }}
        {{- end }}
        {{- end }}
      ports:
        - {name: monitor, containerPort: 9464}
        {{- if eq $role "view" }}
        - {name: http, containerPort: 8080}
        {{- end }}
      startupProbe:
        httpGet: {path: /healthz, port: monitor}
        periodSeconds: 5
        failureThreshold: {{ div $startup 5 }}
      livenessProbe:
        httpGet: {path: /healthz, port: monitor}
        periodSeconds: 10
        timeoutSeconds: 5
        failureThreshold: 3
      readinessProbe:
        {{- if eq $role "view" }}
        tcpSocket: {port: http}
        {{- else }}
        httpGet: {path: /readyz, port: monitor}
        timeoutSeconds: 5
        {{- end }}
        periodSeconds: 5
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities: {drop: [ALL]}
      resources:
        {{- if $gpu }}
        {{- $limits := merge (deepCopy $resources.limits) (dict "nvidia.com/gpu" ($root.Values.segment.gpu.count | toString)) }}
        {{- toYaml (merge (dict "limits" $limits) $resources) | nindent 8 }}
        {{- else }}
        {{- toYaml $resources | nindent 8 }}
        {{- end }}
      volumeMounts:
        - {name: topology, mountPath: /etc/maskstream, readOnly: true}
        - {name: temporary, mountPath: /tmp}
        {{- if $root.Values.kafka.tls.enabled }}
        - {name: kafka, mountPath: /etc/maskstream-kafka, readOnly: true}
        {{- end }}
        {{- if eq $role "view" }}
        {{- if $root.Values.view.usersSecret }}
        - {name: users, mountPath: /etc/maskstream-users, readOnly: true}
        {{- end }}
        {{- if $root.Values.view.tlsSecret }}
        - {name: tls, mountPath: /etc/maskstream-tls, readOnly: true}
        {{- end }}
        {{- end }}
        {{- if eq $role "segment" }}
        - {name: state, mountPath: /var/lib/maskstream}
        {{- end }}
        {{- if and (has $role (list "segment" "view")) $root.Values.models.enabled }}
        - {name: models, mountPath: /models, readOnly: true}
        {{- end }}
{{- end }}
