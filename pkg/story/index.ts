/**
 * story: what happened to one position, told from its rows.
 *
 * One order of time over position, orders, workflows, steps and events, with the reason of everything that waited, was
 * refused or failed. Serves `kraite why`, and whoever has to understand a failed seed. Reads rows and decides nothing:
 * the telling is pure, so the same rows give the same story.
 */
export { formatStory } from './format-story.ts';
export { narratePosition, type Moment, type PositionRows, type PositionStory } from './narrate.ts';
export { readPositionRows } from './read-rows.ts';
