{{- define "capataz.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/* At most 40 characters, so that what is added to it fits. */}}
{{- define "capataz.fullname" -}}
{{- $name := default (ternary .Release.Name (printf "%s-%s" .Release.Name (include "capataz.name" .)) (contains (include "capataz.name" .) .Release.Name)) .Values.fullnameOverride -}}
{{- $name | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "capataz.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/part-of: capataz
{{- end -}}

{{/* What a component is found by: (list $ "supervisor"). */}}
{{- define "capataz.selector" -}}
{{- $root := first . -}}
app.kubernetes.io/name: {{ include "capataz.name" $root }}
app.kubernetes.io/instance: {{ $root.Release.Name }}
app.kubernetes.io/component: {{ last . }}
{{- end -}}

{{- define "capataz.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "capataz.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{/* An image: (list $ .Values.image). */}}
{{- define "capataz.image" -}}
{{- $root := first . -}}{{- $image := last . -}}
{{- if $image.digest -}}
{{ $image.repository }}@{{ $image.digest }}
{{- else -}}
{{ $image.repository }}:{{ default $root.Chart.AppVersion $image.tag }}
{{- end -}}
{{- end -}}

{{/* A key of a Secret that has to be named: (list "what it is" "vault.secret" .Values.vault.secret). */}}
{{- define "capataz.secretKey" -}}
{{- $secret := index . 2 -}}
name: {{ required (printf "%s is needed: set %s.name to the name of a Secret. See docs/kubernetes.md." (index . 0) (index . 1)) $secret.name | quote }}
key: {{ $secret.key | quote }}
{{- end -}}

{{- define "capataz.tls" -}}
{{- if ne .Values.tls.mode "off" }}true{{ end -}}
{{- end -}}

{{- define "capataz.scheme" -}}
{{- ternary "https" "http" (eq (include "capataz.tls" .) "true") -}}
{{- end -}}

{{- define "capataz.tlsSecret" -}}
{{- if eq .Values.tls.mode "certManager" -}}
{{ include "capataz.fullname" . }}-tls
{{- else -}}
{{ required "The supervisors need a certificate: set tls.secretName to a Secret of type kubernetes.io/tls, or tls.mode to certManager, or to off together with tls.clearText=true." .Values.tls.secretName }}
{{- end -}}
{{- end -}}

{{- define "capataz.serviceHost" -}}
{{ include "capataz.fullname" . }}.{{ .Release.Namespace }}.svc
{{- end -}}

{{/* Proxies in front of the supervisors. */}}
{{- define "capataz.trustedProxies" -}}
{{- if .Values.ingress.enabled -}}
{{ .Values.ingress.trustedProxies }}
{{- else if .Values.gateway.enabled -}}
{{ .Values.gateway.trustedProxies }}
{{- else -}}
0
{{- end -}}
{{- end -}}

{{/* The variable of a setting: KAFKA_SECURITY_USER for kafka-security.user. */}}
{{- define "capataz.variable" -}}
CAPATAZ_{{ . | upper | replace "." "_" | replace "-" "_" }}
{{- end -}}

{{/* Numbers come from JSON, where all of them are floating: 10000000 and not 1e+07. */}}
{{- define "capataz.text" -}}
{{- if and (kindIs "float64" .) (eq (floor .) .) }}{{ printf "%.0f" . }}{{ else }}{{ . }}{{ end -}}
{{- end -}}

{{- define "capataz.kafkaCluster" -}}
{{ include "capataz.fullname" . }}-kafka
{{- end -}}

{{- define "capataz.mongodbName" -}}
{{ include "capataz.fullname" . }}-mongodb
{{- end -}}

{{/* The Secrets and addresses of Kafka, whether given or made by Strimzi, as YAML. */}}
{{- define "capataz.kafka" -}}
{{- if .Values.kafka.strimzi.enabled -}}
{{- $cluster := include "capataz.kafkaCluster" . -}}
bootstrapServers: {{ $cluster }}-kafka-bootstrap.{{ .Release.Namespace }}.svc:9093
protocol: SASL_SSL
mechanism: SCRAM_SHA_512
user: {{ $cluster }}-supervisor
passwordSecret: {name: {{ $cluster }}-supervisor, key: password}
agentUser: {{ $cluster }}-agent
agentPasswordSecret: {name: {{ $cluster }}-agent, key: password}
caSecret: {name: {{ $cluster }}-cluster-ca-cert, key: ca.crt}
{{- else -}}
{{- $security := .Values.kafka.security -}}
bootstrapServers: {{ .Values.kafka.bootstrapServers | quote }}
protocol: {{ $security.protocol }}
mechanism: {{ $security.mechanism }}
user: {{ $security.user | quote }}
passwordSecret: {{ $security.passwordSecret | toJson }}
agentUser: {{ $security.agentUser | quote }}
agentPasswordSecret: {{ $security.agentPasswordSecret | toJson }}
caSecret: {{ $security.caSecret | toJson }}
{{- end -}}
{{- end -}}

{{/* Files from Secrets: a YAML list of {setting, name, key}, each mounted at /etc/capataz/secrets/SETTING. */}}
{{- define "capataz.files" -}}
{{- $kafka := include "capataz.kafka" . | fromYaml -}}
files:
- {setting: vault-key-file, {{ include "capataz.inline" (list "The key that seals secrets in the store" "vault.secret" .Values.vault.secret) }}}
{{- if .Values.mongodb.caSecret.name }}
- {setting: mongodb-ca-file, {{ include "capataz.inline" (list "" "" .Values.mongodb.caSecret) }}}
{{- end }}
{{- if $kafka.user }}
- {setting: kafka-security.password-file, {{ include "capataz.inline" (list "The password of Kafka's user" "kafka.security.passwordSecret" $kafka.passwordSecret) }}}
{{- end }}
{{- if $kafka.agentUser }}
- {setting: kafka-security.agent-password-file, {{ include "capataz.inline" (list "The password of the agents' user at Kafka" "kafka.security.agentPasswordSecret" $kafka.agentPasswordSecret) }}}
{{- end }}
{{- if $kafka.caSecret.name }}
- {setting: kafka-security.ca-file, {{ include "capataz.inline" (list "" "" $kafka.caSecret) }}}
{{- end }}
{{- if .Values.metrics.tokenSecret.name }}
- {setting: metrics.token-file, {{ include "capataz.inline" (list "" "" .Values.metrics.tokenSecret) }}}
{{- end }}
{{- range $setting, $secret := .Values.supervisor.settingsFromSecrets }}
- {setting: {{ $setting }}, {{ include "capataz.inline" (list "" "" $secret) }}}
{{- end }}
{{- end -}}

{{- define "capataz.inline" -}}
{{- $secret := include "capataz.secretKey" . | fromYaml -}}
name: {{ $secret.name | quote }}, key: {{ $secret.key | quote }}
{{- end -}}

{{- define "capataz.restricted" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{- define "capataz.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{/* A message where values contradict each other. */}}
{{- define "capataz.check" -}}
{{- if and .Values.ingress.enabled .Values.gateway.enabled -}}
{{- fail "ingress.enabled and gateway.enabled are alternatives: set one of them." -}}
{{- end -}}
{{- if and .Values.kafka.strimzi.enabled .Values.kafka.bootstrapServers -}}
{{- fail "kafka.strimzi.enabled and kafka.bootstrapServers are alternatives: set one of them." -}}
{{- end -}}
{{- if and .Values.mongodb.operator.enabled .Values.mongodb.uriSecret.name -}}
{{- fail "mongodb.operator.enabled and mongodb.uriSecret are alternatives: set one of them." -}}
{{- end -}}
{{- if and (eq .Values.tls.mode "off") (not .Values.tls.clearText) -}}
{{- fail "tls.mode=off lets supervisors listen without TLS, and anyone on the cluster's network could read passwords, tokens and secrets. Set tls.clearText=true if the network does the encryption, or give a certificate." -}}
{{- end -}}
{{- if and .Values.agent.enabled (not .Values.agent.supervisorUrl) (eq .Values.tls.mode "off") -}}
{{- fail "Agents connect to supervisors with TLS only: set tls.mode to secret or certManager, or agent.supervisorUrl to an https address." -}}
{{- end -}}
{{- if and (or .Values.metrics.serviceMonitor.enabled .Values.metrics.prometheusRule.enabled) (not .Values.metrics.tokenSecret.name) -}}
{{- fail "There is no /metrics without a token: set metrics.tokenSecret.name." -}}
{{- end -}}
{{- if and .Values.autoscaling.enabled (gt (int .Values.autoscaling.minReplicas) (int .Values.autoscaling.maxReplicas)) -}}
{{- fail "autoscaling.minReplicas is greater than autoscaling.maxReplicas." -}}
{{- end -}}
{{- if and .Values.autoscaling.enabled (not (or .Values.autoscaling.cpu .Values.autoscaling.queueWait)) -}}
{{- fail "autoscaling.enabled needs autoscaling.cpu or autoscaling.queueWait." -}}
{{- end -}}
{{- end -}}
