/**
 * A box in network namespaces: a pod, the node with flannel's masquerade, and a venue outside that captures who talks
 * to it.
 *
 * Real kernel, real nft, iptables-nft and conntrack; nothing of the machine's own network is touched. The node's first
 * address is the wrong one: whatever leaves with it was not mapped.
 */
export { openLab, type Lab, type Talk } from './lab.ts';
export { ADDRESSES, RULES } from './addresses.ts';
export { openAgentBox, type AgentBox } from './agent-box.ts';
