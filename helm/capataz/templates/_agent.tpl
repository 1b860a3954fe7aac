{{/* The Secret and key with the authority that signed the supervisor's certificate, as YAML; empty: a public one. */}}
{{- define "capataz.agentCa" -}}
{{- if .Values.agent.caSecret.name -}}
{{ .Values.agent.caSecret | toYaml }}
{{- else if and (not .Values.agent.supervisorUrl) .Values.tls.caKey -}}
name: {{ include "capataz.tlsSecret" . | quote }}
key: {{ .Values.tls.caKey | quote }}
{{- end -}}
{{- end -}}

{{- define "capataz.agentUrl" -}}
{{- if .Values.agent.supervisorUrl -}}
{{ .Values.agent.supervisorUrl }}
{{- else -}}
https://{{ include "capataz.serviceHost" . }}:{{ .Values.service.port }}
{{- end -}}
{{- end -}}

{{- define "capataz.agentPod" -}}
{{- $agent := .Values.agent -}}
{{- $ca := include "capataz.agentCa" . | fromYaml -}}
metadata:
  labels:
    {{- include "capataz.labels" . | nindent 4 }}
    {{- include "capataz.selector" (list . "agent") | nindent 4 }}
    {{- with $agent.podLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- with $agent.podAnnotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  serviceAccountName: {{ include "capataz.serviceAccount" . }}
  # Scripts get no rights in the cluster.
  automountServiceAccountToken: false
  enableServiceLinks: false
  terminationGracePeriodSeconds: {{ add $agent.drainSeconds 20 }}
  {{- with .Values.imagePullSecrets }}
  imagePullSecrets:
    {{- range . }}
    - name: {{ . | quote }}
    {{- end }}
  {{- end }}
  {{- with $agent.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  securityContext:
    {{- if $agent.separateUsers }}
    runAsUser: 0
    runAsGroup: 0
    seccompProfile:
      type: RuntimeDefault
    {{- else }}
    {{- include "capataz.podSecurity" . | nindent 4 }}
    {{- end }}
  {{- if $agent.separateUsers }}
  initContainers:
    # Users of scripts may pass the folder, and not change it.
    - name: folder
      image: {{ include "capataz.image" (list . $agent.image) | quote }}
      imagePullPolicy: {{ $agent.image.pullPolicy }}
      securityContext:
        {{- include "capataz.restricted" . | nindent 8 }}
      command: [chmod, "0711", /var/lib/capataz-agent]
      resources:
        requests: {cpu: 10m, memory: 16Mi}
        limits: {memory: 64Mi}
      volumeMounts:
        - {name: data, mountPath: /var/lib/capataz-agent}
  {{- end }}
  containers:
    - name: agent
      image: {{ include "capataz.image" (list . $agent.image) | quote }}
      imagePullPolicy: {{ $agent.image.pullPolicy }}
      securityContext:
        {{- include "capataz.restricted" . | nindent 8 }}
          {{- if $agent.separateUsers }}
          # To give each script a user and files of its own, and to signal it.
          add: [CHOWN, DAC_OVERRIDE, FOWNER, KILL, SETGID, SETUID]
          {{- end }}
      env:
        - {name: CAPATAZ_SUPERVISOR, value: {{ include "capataz.agentUrl" . | quote }}}
        - name: CAPATAZ_HOST
          valueFrom:
            fieldRef:
              fieldPath: {{ ternary "spec.nodeName" "metadata.name" (eq $agent.kind "DaemonSet") }}
        - name: CAPATAZ_JOIN_TOKEN
          valueFrom:
            secretKeyRef:
              {{- include "capataz.secretKey" (list "A join token for agents" "agent.joinTokenSecret" $agent.joinTokenSecret) | nindent 14 }}
              # An agent that has joined needs none.
              optional: true
        - {name: CAPATAZ_AGENT_DATA, value: /var/lib/capataz-agent/data}
        {{- if $ca }}
        - {name: CAPATAZ_CA_FILE, value: /etc/capataz/ca/ca.crt}
        {{- end }}
        {{- if $agent.slots }}
        - {name: CAPATAZ_SLOTS, value: {{ $agent.slots | quote }}}
        {{- end }}
        {{- if $agent.labels }}
        {{- $labels := list }}
        {{- range $name, $value := $agent.labels }}
        {{- $labels = append $labels (printf "%s=%s" $name $value) }}
        {{- end }}
        - {name: CAPATAZ_LABELS, value: {{ join "," $labels | quote }}}
        {{- end }}
        {{- if $agent.policy }}
        - {name: CAPATAZ_POLICY, value: /etc/capataz/policy/policy.yaml}
        {{- end }}
        - {name: CAPATAZ_RUN_AS, value: {{ ternary "own" "agent" $agent.separateUsers }}}
        - {name: CAPATAZ_LINK, value: {{ $agent.link | quote }}}
        - {name: CAPATAZ_ON_STOP, value: leave}
        - {name: CAPATAZ_DRAIN, value: {{ $agent.drainSeconds | quote }}}
      {{- with $agent.resources }}
      resources:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      volumeMounts:
        - {name: data, mountPath: /var/lib/capataz-agent}
        - {name: tmp, mountPath: /tmp}
        {{- if $ca }}
        - {name: ca, mountPath: /etc/capataz/ca, readOnly: true}
        {{- end }}
        {{- if $agent.policy }}
        - {name: policy, mountPath: /etc/capataz/policy, readOnly: true}
        {{- end }}
        {{- with $agent.volumeMounts }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
  volumes:
    {{- if and (eq $agent.kind "DaemonSet") $agent.storage.hostPath }}
    - name: data
      hostPath: {path: {{ $agent.storage.hostPath | quote }}, type: DirectoryOrCreate}
    {{- else if ne $agent.kind "StatefulSet" }}
    - name: data
      emptyDir: {}
    {{- end }}
    - name: tmp
      emptyDir: {}
    {{- if $ca }}
    - name: ca
      secret:
        secretName: {{ $ca.name | quote }}
        items:
          - {key: {{ $ca.key | quote }}, path: ca.crt}
    {{- end }}
    {{- if $agent.policy }}
    - name: policy
      configMap:
        name: {{ include "capataz.fullname" . }}-agent-policy
        defaultMode: 0444
    {{- end }}
    {{- with $agent.volumes }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- with $agent.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $agent.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $agent.affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}
