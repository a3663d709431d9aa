{{/* Labels of what this chart makes. */}}
{{- define "kraite-operator.labels" -}}
{{ include "kraite-operator.selector" . }}
app.kubernetes.io/part-of: kraite
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name (.Chart.Version | replace "+" "_") }}
{{- end -}}

{{/* Labels that never change: selectors and pod templates carry no version. */}}
{{- define "kraite-operator.selector" -}}
app.kubernetes.io/name: kraite-operator
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end -}}

{{- define "kraite-operator.image" -}}
{{- $tag := .Values.image.tag | default .Chart.AppVersion -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" .Values.image.repository $tag -}}
{{- end -}}
{{- end -}}
