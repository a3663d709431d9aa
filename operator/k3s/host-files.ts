import { PORTS } from '#operator/api';
import { commentOf, renderSections } from './sections.ts';

/** After this many seconds a shutting-down box ends what still runs; planned reboots drain the box before. */
const SHUTDOWN_SECONDS = 240;
const SHUTDOWN_CRITICAL_SECONDS = 30;

/** Returns the kubelet's drop-in: it holds a reboot back until pods have had their time. */
export function renderKubeletShutdown(): string {
  return renderSections(
    'A reboot waits for the pods. Off unless it is configured, and then pods die in the middle of an order.',
    [
      {
        why: 'The last 30 s are for pods that are critical to the node.',
        settings: {
          apiVersion: 'kubelet.config.k8s.io/v1beta1',
          kind: 'KubeletConfiguration',
          shutdownGracePeriod: `${SHUTDOWN_SECONDS}s`,
          shutdownGracePeriodCriticalPods: `${SHUTDOWN_CRITICAL_SECONDS}s`,
        },
      },
    ],
  );
}

/** Returns logind's drop-in. Its file name sorts behind the one that unattended-upgrades brings, or 30 s would win. */
export function renderLogind(): string {
  return [
    commentOf(
      'The kubelet takes no inhibitor at all when this is shorter than its grace period.\nsystemd-inhibit --list shows whether it took one.',
    ),
    '[Login]',
    `InhibitDelayMaxSec=${SHUTDOWN_SECONDS + SHUTDOWN_CRITICAL_SECONDS}`,
    '',
  ].join('\n');
}

/** Returns the kernel settings that `protect-kernel-defaults` asks for, and what Redis wants of overcommit. */
export function renderSysctl(): string {
  return [
    commentOf('Wanted by protect-kernel-defaults. overcommit is also what Redis asks for.'),
    'vm.panic_on_oom = 0',
    'vm.overcommit_memory = 1',
    'kernel.panic = 10',
    'kernel.panic_on_oops = 1',
    commentOf('Removing one address of an interface keeps the others.'),
    'net.ipv4.conf.all.promote_secondaries = 1',
    commentOf('Watches of kubelet, containerd and the processes of the fleet.'),
    'fs.inotify.max_user_instances = 1024',
    '',
  ].join('\n');
}

/** API server, etcd with its metrics, kubelet, the health port of what uses the host's network; VXLAN. */
const TCP_PORTS = ['2379-2381', '6443', String(PORTS.health), '10250'];
const UDP_PORTS = ['8472'];

/** Returns rules that keep the cluster's own ports off the public interface; all else stays as the host has it. */
export function renderFirewall(privateInterface: string): string {
  const inside = ['lo', privateInterface, 'cni0', 'flannel.1'].map((name) => `"${name}"`);
  return [
    commentOf(
      'Ports of the cluster are for the private network. A table of its own, so other rules stay untouched;\nloaded by kraite-host-firewall.service before k3s.',
    ),
    'table inet kraite-host',
    'delete table inet kraite-host',
    'table inet kraite-host {',
    '  chain input {',
    '    type filter hook input priority filter - 5; policy accept;',
    `    iifname { ${inside.join(', ')} } accept`,
    `    tcp dport { ${TCP_PORTS.join(', ')} } counter drop`,
    `    udp dport { ${UDP_PORTS.join(', ')} } counter drop`,
    '  }',
    '}',
    '',
  ].join('\n');
}

/** Returns the unit that loads the firewall. */
export function renderFirewallUnit(rulesFile: string): string {
  return [
    '[Unit]',
    'Description=Ports of the cluster are for the private network',
    'DefaultDependencies=no',
    'After=local-fs.target',
    'Before=network-pre.target k3s.service k3s-agent.service',
    'Wants=network-pre.target',
    '',
    '[Service]',
    'Type=oneshot',
    'RemainAfterExit=yes',
    `ExecStart=/usr/sbin/nft -f ${rulesFile}`,
    '',
    '[Install]',
    'WantedBy=sysinit.target',
    '',
  ].join('\n');
}
