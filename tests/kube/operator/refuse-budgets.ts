import type { KubeObject } from '#operator/runtime';

/** Returns an admission policy and its binding, by which nobody may write the disruption budget `name`. */
export function refuseBudgets(name: string, message: string): readonly KubeObject[] {
  const apiVersion = 'admissionregistration.k8s.io/v1';
  const metadata = { name: `no-${name}` };
  const rule = {
    apiGroups: ['policy'],
    apiVersions: ['v1'],
    operations: ['CREATE', 'UPDATE'],
    resources: ['poddisruptionbudgets'],
  };
  return [
    {
      apiVersion,
      kind: 'ValidatingAdmissionPolicy',
      metadata,
      spec: {
        matchConstraints: { resourceRules: [rule] },
        validations: [{ expression: `object.metadata.name != '${name}'`, message }],
      },
    },
    {
      apiVersion,
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata,
      spec: { policyName: metadata.name, validationActions: ['Deny'] },
    },
  ];
}
