/**
 * Answers that leave the outcome open, or refuse without a reason of the request's.
 *
 * Source: the venue's "General Info", section "HTTP Return Codes", and "Error Codes" (−1006, −1007, −1008, −1021).
 */
import type { FaultAnswer } from './fault-request.ts';
import type { AnswerFault } from './request-faults.ts';

export interface FaultBody {
  readonly status: number;
  /** JSON, or the text of a page when it is a string. */
  readonly body: unknown;
}

const BODIES: Readonly<Record<FaultAnswer, FaultBody>> = {
  timeout: refusal(
    408,
    -1007,
    'Timeout waiting for response from backend server. Send status unknown; execution status unknown.',
  ),
  unexpected: refusal(
    503,
    -1006,
    'An unexpected response was received from the message bus. Execution status unknown.',
  ),
  unknown503: refusal(503, -1000, 'Unknown error, please check your request or try again later.'),
  refused503: refusal(503, -1001, 'Service Unavailable.'),
  internal503: refusal(
    503,
    -1001,
    'Internal error; unable to process your request. Please try again.',
  ),
  busy: refusal(
    503,
    -1008,
    'Server is currently overloaded with other requests. Please try again in a few minutes.',
  ),
  timestamp: refusal(400, -1021, 'Timestamp for this request is outside of the recvWindow.'),
  // What stands in front of a venue answers in its own tongue.
  html: {
    status: 502,
    body: '<html><head><title>502 Bad Gateway</title></head><body>502 Bad Gateway</body></html>',
  },
};

export function faultBody(kind: FaultAnswer): FaultBody {
  return BODIES[kind];
}

/** Returns what a fault answers. */
export function answerBody(answer: AnswerFault): FaultBody {
  return answer.kind === 'refusal' ? answer.body : faultBody(answer.kind);
}

function refusal(status: number, code: number, msg: string): FaultBody {
  return { status, body: { code, msg } };
}
