// peer: what a person would write with controller-runtime to run the same fleets.
//
// It watches KraiteFleet objects and owns, for each (box, lane), a Deployment, a ConfigMap, a PodDisruptionBudget and a
// KraiteWorkerPool, and for each fleet three NetworkPolicies; it applies them on the server side, skips what already
// stands, and reports through status. It has no lifecycle of updates, no drain and no egress: it is the floor of the
// work, not a rival. Metrics listen on the address of -metrics.
package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strconv"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"
)

const (
	group    = "fleet.kraite.io"
	manager  = "peer-operator"
	hashMark = "peer.kraite.io/hash"
)

var (
	fleetKind = schema.GroupVersionKind{Group: group, Version: "v1alpha1", Kind: "KraiteFleet"}
	poolKind  = schema.GroupVersionKind{Group: group, Version: "v1alpha1", Kind: "KraiteWorkerPool"}
)

type lane struct {
	box, name string
	slots     int64
}

type reconciler struct {
	client.Client
}

func newObject(kind schema.GroupVersionKind) *unstructured.Unstructured {
	object := &unstructured.Unstructured{}
	object.SetGroupVersionKind(kind)
	return object
}

func (r *reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	fleet := newObject(fleetKind)
	if err := r.Get(ctx, request.NamespacedName, fleet); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	lanes, err := lanesOf(fleet)
	if err != nil {
		return ctrl.Result{}, err
	}
	for _, object := range objectsOf(fleet, lanes) {
		if err := r.applyWhenDifferent(ctx, fleet, object); err != nil {
			return ctrl.Result{}, err
		}
	}
	return ctrl.Result{}, r.report(ctx, fleet, len(lanes))
}

// applyWhenDifferent sends a server-side apply unless the object in the cache carries the hash of what is wanted.
func (r *reconciler) applyWhenDifferent(ctx context.Context, fleet *unstructured.Unstructured, object *unstructured.Unstructured) error {
	object.SetNamespace(fleet.GetNamespace())
	isController := true
	object.SetOwnerReferences([]metav1.OwnerReference{{
		APIVersion: fleet.GetAPIVersion(), Kind: fleet.GetKind(), Name: fleet.GetName(), UID: fleet.GetUID(), Controller: &isController,
	}})
	text, err := json.Marshal(object)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(text)
	hash := hex.EncodeToString(sum[:])
	live := newObject(object.GroupVersionKind())
	switch err := r.Get(ctx, client.ObjectKeyFromObject(object), live); {
	case err == nil && live.GetAnnotations()[hashMark] == hash:
		return nil
	case client.IgnoreNotFound(err) != nil:
		return err
	}
	object.SetAnnotations(map[string]string{hashMark: hash})
	return r.Apply(ctx, client.ApplyConfigurationFromUnstructured(object), client.FieldOwner(manager), client.ForceOwnership)
}

func (r *reconciler) report(ctx context.Context, fleet *unstructured.Unstructured, lanes int) error {
	observed, _, _ := unstructured.NestedInt64(fleet.Object, "status", "observedGeneration")
	if observed == fleet.GetGeneration() {
		return nil
	}
	status := newObject(fleetKind)
	status.SetName(fleet.GetName())
	status.SetNamespace(fleet.GetNamespace())
	status.Object["status"] = map[string]any{
		"observedGeneration": fleet.GetGeneration(),
		"phase":              "Progressing",
		"message":            fmt.Sprintf("%d lanes", lanes),
	}
	return r.Status().Apply(ctx, client.ApplyConfigurationFromUnstructured(status), client.FieldOwner(manager+"-status"), client.ForceOwnership)
}

func lanesOf(fleet *unstructured.Unstructured) ([]lane, error) {
	var found []lane
	add := func(box string, lanes map[string]any) {
		for name, slots := range lanes {
			if number, ok := slots.(int64); ok {
				found = append(found, lane{box, name, number})
			}
		}
	}
	for _, part := range []string{"brain", "indicators"} {
		box, _, _ := unstructured.NestedString(fleet.Object, "spec", part, "box")
		lanes, _, _ := unstructured.NestedMap(fleet.Object, "spec", part, "lanes")
		add(box, lanes)
	}
	boxes, _, err := unstructured.NestedSlice(fleet.Object, "spec", "trading", "boxes")
	if err != nil {
		return nil, err
	}
	for _, each := range boxes {
		box, ok := each.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("spec.trading.boxes holds no object")
		}
		name, _ := box["name"].(string)
		lanes, _ := box["lanes"].(map[string]any)
		add(name, lanes)
	}
	return found, nil
}

func objectsOf(fleet *unstructured.Unstructured, lanes []lane) []*unstructured.Unstructured {
	var objects []*unstructured.Unstructured
	for _, policy := range []string{"deny", "core", "web"} {
		objects = append(objects, networkPolicy(fleet.GetName()+"-"+policy))
	}
	for _, each := range lanes {
		name := fmt.Sprintf("%s-%s-%s", fleet.GetName(), each.box, each.name)
		labels := map[string]any{group + "/fleet": fleet.GetName(), group + "/box": each.box, group + "/lane": each.name}
		objects = append(objects, configMap(name, labels, each), deployment(name, labels, each), budget(name, labels), pool(fleet, name, labels, each))
	}
	return objects
}

func manifest(kind schema.GroupVersionKind, name string, labels map[string]any, fields map[string]any) *unstructured.Unstructured {
	object := newObject(kind)
	object.SetName(name)
	if labels != nil {
		_ = unstructured.SetNestedMap(object.Object, labels, "metadata", "labels")
	}
	for key, value := range fields {
		object.Object[key] = value
	}
	return object
}

func networkPolicy(name string) *unstructured.Unstructured {
	return manifest(networkingv1.SchemeGroupVersion.WithKind("NetworkPolicy"), name, nil, map[string]any{
		"spec": map[string]any{"podSelector": map[string]any{}, "policyTypes": []any{"Ingress"}},
	})
}

func configMap(name string, labels map[string]any, each lane) *unstructured.Unstructured {
	text := `{"generation":1,"isDraining":false,"lanes":{"` + each.name + `":` + strconv.FormatInt(each.slots, 10) + `}}`
	return manifest(corev1.SchemeGroupVersion.WithKind("ConfigMap"), name, labels, map[string]any{"data": map[string]any{"workload.json": text}})
}

func budget(name string, labels map[string]any) *unstructured.Unstructured {
	return manifest(policyv1.SchemeGroupVersion.WithKind("PodDisruptionBudget"), name, labels, map[string]any{
		"spec": map[string]any{"maxUnavailable": int64(0), "selector": map[string]any{"matchLabels": labels}},
	})
}

func pool(fleet *unstructured.Unstructured, name string, labels map[string]any, each lane) *unstructured.Unstructured {
	return manifest(poolKind, name, labels, map[string]any{
		"spec": map[string]any{"fleet": fleet.GetName(), "box": each.box, "lane": each.name, "slots": each.slots, "slotsOwner": "pool"},
	})
}

func deployment(name string, labels map[string]any, each lane) *unstructured.Unstructured {
	environment := func(name, value string) any { return map[string]any{"name": name, "value": value} }
	probe := map[string]any{"httpGet": map[string]any{"path": "/readyz", "port": int64(9464)}, "periodSeconds": int64(2)}
	container := map[string]any{
		"name":  "worker",
		"image": "kraite:0.1.0",
		"args":  []any{"cmd/worker/main.ts"},
		"env":   []any{environment("KRAITE_BOX", each.box), environment("KRAITE_PROCESS", name), environment("KRAITE_HEALTH_PORT", "9464")},
		"ports": []any{map[string]any{"name": "health", "containerPort": int64(9464)}},
		"resources": map[string]any{
			"requests": map[string]any{"cpu": "100m", "memory": "128Mi"},
			"limits":   map[string]any{"memory": "512Mi"},
		},
		"readinessProbe": probe,
		"livenessProbe":  probe,
		"volumeMounts":   []any{map[string]any{"name": "workload", "mountPath": "/etc/kraite/workload", "readOnly": true}},
	}
	return manifest(appsv1.SchemeGroupVersion.WithKind("Deployment"), name, labels, map[string]any{
		"spec": map[string]any{
			"replicas": int64(1),
			"strategy": map[string]any{"type": "Recreate"},
			"selector": map[string]any{"matchLabels": labels},
			"template": map[string]any{
				"metadata": map[string]any{"labels": labels},
				"spec": map[string]any{
					"nodeSelector": map[string]any{"node-restriction.kubernetes.io/kraite-box": each.box},
					"containers":   []any{container},
					"volumes":      []any{map[string]any{"name": "workload", "configMap": map[string]any{"name": name}}},
				},
			},
		},
	})
}

func main() {
	metricsAddress := flag.String("metrics", "127.0.0.1:0", "where /metrics listens")
	workers := flag.Int("workers", 4, "reconciles at once")
	flag.Parse()
	ctrl.SetLogger(zap.New(zap.WriteTo(os.Stderr)))
	if err := run(*metricsAddress, *workers); err != nil {
		log.Log.Error(err, "peer ended")
		os.Exit(1)
	}
}

func run(metricsAddress string, workers int) error {
	scheme := runtime.NewScheme()
	utilruntime.Must(clientgoscheme.AddToScheme(scheme))
	config := ctrl.GetConfigOrDie()
	config.QPS, config.Burst = 500, 1000
	mgr, err := ctrl.NewManager(config, ctrl.Options{Scheme: scheme, Metrics: server.Options{BindAddress: metricsAddress}, Client: client.Options{Cache: &client.CacheOptions{Unstructured: true}}})
	if err != nil {
		return err
	}
	build := ctrl.NewControllerManagedBy(mgr).For(newObject(fleetKind)).WithOptions(controller.Options{MaxConcurrentReconciles: workers})
	for _, kind := range []schema.GroupVersionKind{
		appsv1.SchemeGroupVersion.WithKind("Deployment"), corev1.SchemeGroupVersion.WithKind("ConfigMap"),
		policyv1.SchemeGroupVersion.WithKind("PodDisruptionBudget"), networkingv1.SchemeGroupVersion.WithKind("NetworkPolicy"), poolKind,
	} {
		build = build.Owns(newObject(kind))
	}
	if err := build.Complete(&reconciler{mgr.GetClient()}); err != nil {
		return err
	}
	return mgr.Start(ctrl.SetupSignalHandler())
}
