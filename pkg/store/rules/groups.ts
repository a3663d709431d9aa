/**
 * What arrives while the last group is on its way goes together with the next one.
 *
 * Nothing waits for company: an idle group leaves at once. A group that takes long (a lock, a slow disk) is passed by the
 * next one after a moment, so that it delays what is behind it by no more than that.
 */
import type { Clock } from '#pkg/base';

export interface GroupOptions {
  readonly clock: Clock;
  /** Runs `start` as soon as what is settled by now has run on. */
  readonly soon: (start: () => void) => void;
  readonly membersMax: number;
}

/** How long a group holds back the next one at the most. */
const PATIENCE_MS = 20;

/** Returns the function that adds a member; `run` must not reject, it answers its members itself. */
export function createGroups<Member>(
  run: (members: readonly Member[]) => Promise<void>,
  { clock, soon, membersMax }: GroupOptions,
): (member: Member) => void {
  let waiting: Member[] = [];
  let isOnTheWay = false;
  const start = (): void => {
    if (isOnTheWay || waiting.length === 0) return;
    const members = waiting.slice(0, membersMax);
    waiting = waiting.slice(membersMax);
    isOnTheWay = true;
    let hasLeft = false;
    const leave = (): void => {
      if (hasLeft) return;
      hasLeft = true;
      isOnTheWay = false;
      cancel();
      if (waiting.length > 0) soon(start);
    };
    const cancel = clock.schedule(PATIENCE_MS, leave);
    void run(members).then(leave, leave);
  };
  return (member) => {
    waiting.push(member);
    if (!isOnTheWay && waiting.length === 1) soon(start);
  };
}
