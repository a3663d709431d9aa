import { REASONS, type Reason } from '#pkg/base';

/** A reason as pages show it: the word that a search finds everywhere, and what it means. */
export interface ReasonView {
  readonly word: Reason;
  readonly sentence: string;
}

export function viewReason(word: Reason): ReasonView {
  return { word, sentence: REASONS[word] };
}
