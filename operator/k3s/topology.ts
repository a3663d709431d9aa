import { planFleet, type BoxRole, type KraiteFleet } from '#pkg/fleet-spec';

/** What the files of one box follow from, besides what is the same for all. */
export interface K3sBox {
  readonly name: string;
  readonly privateIP: string;
  /** Absent on the core, and on a box that only serves the control plane. */
  readonly publicIP: string | undefined;
  /** Absent on a box that only serves the control plane. */
  readonly role: BoxRole | undefined;
  readonly isServer: boolean;
}

export interface Topology {
  readonly boxes: readonly K3sBox[];
  /** In the order of the object: the first one begins the cluster. */
  readonly servers: readonly K3sBox[];
}

/** Returns every box of the object's network with its part in the cluster. */
export function topologyOf({ spec }: KraiteFleet): Topology {
  const planned = planFleet(spec).boxes;
  const boxes = spec.network.boxes.map(({ name, privateIP }): K3sBox => {
    const inPlan = planned.find((box) => box.name === name);
    return {
      name,
      privateIP,
      publicIP: inPlan?.egressAddress,
      role: inPlan?.role,
      isServer: spec.controlPlane.boxes.includes(name),
    };
  });
  const servers = spec.controlPlane.boxes.flatMap((name) =>
    boxes.filter((box) => box.name === name),
  );
  return { boxes, servers };
}
