import type { Cgroups } from './cgroups.ts';

/**
 * What a box does first: `sh -c SCRIPT boot NAME FOLDER`, in its own network, mount, host-name and cgroup namespaces.
 *
 * `/var/lib`, `/var/log`, `/srv`, `/run` and `/etc` are the box's own, below FOLDER, so that nothing that a kubelet, a container
 * runtime or a pod writes to its box lands on this machine. The rest is this machine's.
 */
export function bootScript(cgroups: Cgroups): string {
  return `
set -e
name=$1 folder=$2
hostname "$name"
mkdir -p "$folder/etc" "$folder/etc-work" "$folder/var-lib" "$folder/var-log"
umount -R -l /sys
mount -t sysfs sysfs /sys
${mountCgroups(cgroups)}
mount -t overlay overlay -o "lowerdir=/etc,upperdir=$folder/etc,workdir=$folder/etc-work" /etc
mount --bind "$folder/var-lib" /var/lib
mount --make-rshared /var/lib
mount --bind "$folder/var-log" /var/log
mkdir -p "$folder/srv/kraite/mysql" "$folder/srv/kraite/redis"
mount --bind "$folder/srv" /srv
mount -t tmpfs -o mode=755 tmpfs /run
mount --make-rshared /run
mkdir -p /run/netns /run/containerd /run/flannel /run/lock
mkdir -p /var/lib/kubelet /var/lib/cni /var/log/pods /var/log/containers /etc/cni/net.d
cp "$folder/hosts" /etc/hosts
rm -f /etc/resolv.conf
: > /etc/resolv.conf
touch /run/booted
exec sleep infinity
`;
}

function mountCgroups({ version, hierarchies }: Cgroups): string {
  if (version === 2) {
    return 'mount -t cgroup2 cgroup2 /sys/fs/cgroup';
  }
  const names = hierarchies.map((at) => at.split('/').at(-1) ?? '');
  return [
    'mount -t tmpfs -o mode=755 tmpfs /sys/fs/cgroup',
    ...names.map((name) => {
      const options = name === 'systemd' ? 'none,name=systemd' : name;
      return `mkdir /sys/fs/cgroup/${name}; mount -t cgroup -o ${options} cgroup /sys/fs/cgroup/${name}`;
    }),
  ].join('\n');
}
