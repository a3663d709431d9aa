/**
 * node-agent: the egress of one box, kept and proved.
 *
 * Keeps the box's nftables rules those of its KraiteNodeEgress, asks services outside the cluster from the pod network
 * which address they see, and tells the outcome to the operator (status), to the processes of the box (egress.json) and
 * to Prometheus. It decides no address and never chooses which box it is. Invariants: the guard is made first and goes
 * last, and only when the operator released the box; an agent that ends leaves the rules as they are; what was not seen
 * from outside is not called verified.
 */
export { createNodeNetwork, type NetworkTools, type NodeNetwork } from './node-network.ts';
export { createRuleKeeper, type RuleKeeper, type RulesReport } from './rule-keeper.ts';
export { renderBoot, type EgressRules } from './rules.ts';
export { runNodeAgent, type NodeAgentOptions } from './run-node-agent.ts';
