{{/* Name of the fleet. */}}
{{- define "kraite-fleet.name" -}}
{{- .Values.metadata.name | default .Release.Name -}}
{{- end -}}

{{/* Namespace of the fleet: the release's, so that what belongs to it stands beside it. */}}
{{- define "kraite-fleet.namespace" -}}
{{- $wanted := .Values.metadata.namespace | default .Release.Namespace -}}
{{- if ne $wanted .Release.Namespace -}}
{{- fail (printf "metadata.namespace is %s, but the release goes to %s: add --namespace %s, or leave the field out" $wanted .Release.Namespace $wanted) -}}
{{- end -}}
{{- $wanted -}}
{{- end -}}

{{/* Name of an object of the fleet, as the operator forms it: at most 52 characters, a longer one ends in a digest. */}}
{{- define "kraite-fleet.objectName" -}}
{{- $whole := printf "%s-%s" (include "kraite-fleet.name" .root) .suffix -}}
{{- if gt (len $whole) 52 -}}
{{- $kept := regexReplaceAll "-+$" (trunc 43 $whole) "" -}}
{{- $whole = printf "%s-%s" $kept (sha256sum $whole | trunc 8) -}}
{{- end -}}
{{- $whole -}}
{{- end -}}

{{/* Labels of what this chart makes. */}}
{{- define "kraite-fleet.labels" -}}
app.kubernetes.io/name: kraite
app.kubernetes.io/instance: {{ .Release.Name | quote }}
app.kubernetes.io/part-of: kraite
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name (.Chart.Version | replace "+" "_") }}
{{- end -}}
