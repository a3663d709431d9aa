/**
 * What the venue says when it refuses: its code, its words, its HTTP status.
 *
 * Thrown inside the state machine before anything changed, and turned into a body once, at the wire.
 * Codes and words: the venue's error page for USD-M futures, "Error Codes". Not on that page, but quoted from
 * its answers in public issue threads and client code: -4120, -4183, -4184, -4130, -4136 and -4509, and the second halves of
 * -5021 and -5022 (the page "Event: Conditional Order Trigger Reject" has the first of those).
 */
const MESSAGES = {
  '-1003': 'Too many requests.',
  '-1007':
    'Timeout waiting for response from backend server. Send status unknown; execution status unknown.',
  '-1008': 'Server is currently overloaded with other requests. Please try again in a few minutes.',
  '-1015': 'Too many new orders.',
  '-1021': 'Timestamp for this request is outside of the recvWindow.',
  '-1022': 'Signature for this request is not valid.',
  '-1023': 'Start time is greater than end time.',
  '-1102': 'Mandatory parameter was not sent, was empty/null, or malformed.',
  '-1106': 'Parameter sent when not required.',
  '-1111': 'Precision is over the maximum defined for this asset.',
  '-1115': 'Invalid timeInForce.',
  '-1116': 'Invalid orderType.',
  '-1117': 'Invalid side.',
  '-1120': 'Invalid interval.',
  '-1121': 'Invalid symbol.',
  '-1125': 'This listenKey does not exist.',
  '-1127': 'Lookup interval is too big.',
  '-1128': 'Combination of optional parameters invalid.',
  '-1130': 'Data sent for a parameter is not valid.',
  '-1131': 'recvWindow must be less than 60000.',
  '-1136': 'Invalid newOrderRespType.',
  '-2011': 'Unknown order sent.',
  '-2013': 'Order does not exist.',
  '-2014': 'API-key format invalid.',
  '-2015': 'Invalid API-key, IP, or permissions for action.',
  '-2019': 'Margin is insufficient.',
  '-2021': 'Order would immediately trigger.',
  '-2022': 'ReduceOnly Order is rejected.',
  '-2025': 'Reach max open order limit.',
  '-2027': 'Exceeded the maximum allowable position at current leverage.',
  '-2028': 'Leverage is smaller than permitted: insufficient margin balance.',
  '-4002': 'Price greater than max price.',
  '-4003': 'Quantity less than or equal to zero.',
  '-4004': 'Quantity less than min quantity.',
  '-4005': 'Quantity greater than max quantity.',
  '-4013': 'Price less than min price.',
  '-4014': 'Price not increased by tick size.',
  '-4015': 'Client order id is not valid.',
  '-4016': "Limit price can't be higher than the multiplier allows.",
  '-4021': 'Depth limit is not valid.',
  '-4023': 'Qty not increased by step size.',
  '-4024': "Limit price can't be lower than the multiplier allows.",
  '-4028': 'Leverage is not valid.',
  '-4045': 'Reach max stop order limit.',
  '-4046': 'No need to change margin type.',
  '-4047': 'Margin type cannot be changed if there exists open orders.',
  '-4048': 'Margin type cannot be changed if there exists position.',
  '-4049': 'Add margin only support for isolated position.',
  '-4050': 'Cross balance insufficient.',
  '-4051': 'Isolated balance insufficient.',
  '-4054': 'Cannot add position margin: position is 0.',
  '-4055': 'Amount must be positive.',
  '-4059': 'No need to change position side.',
  '-4060': 'Invalid position side.',
  '-4061': "Order's position side does not match user's setting.",
  '-4067': 'Position side cannot be changed if there exists open orders.',
  '-4068': 'Position side cannot be changed if there exists position.',
  '-4082': 'Invalid number of batch place orders.',
  '-4104': 'Invalid contract type.',
  '-4116': 'ClientOrderId is duplicated.',
  '-4120':
    'Order type not supported for this endpoint. Please use the Algo Order API endpoints instead.',
  '-4130':
    'An open stop or take profit order with GTE and closePosition in the direction is existing.',
  '-4131': "The counterparty's best price does not meet the PERCENT_PRICE filter limit.",
  '-4136': 'Target strategy invalid for this order type with closePosition.',
  '-4137': 'Quantity must be zero with closePosition equals true.',
  '-4140': 'Invalid symbol status for opening position.',
  '-4141': 'Symbol is closed.',
  '-4161': 'Leverage reduction is not supported in Isolated Margin Mode with open positions.',
  '-4165': 'Invalid time interval',
  '-4164': "Order's notional must be no smaller than the minimum (unless you choose reduce only).",
  '-4167':
    'Unable to adjust to Multi-Assets mode with symbols of USDⓈ-M Futures under isolated-margin mode.',
  '-4168': 'Unable to adjust to isolated-margin mode under the Multi-Assets mode.',
  '-4170': 'Unable to adjust Multi-Assets Mode with open orders in USDⓈ-M Futures.',
  '-4171': 'Adjusted asset mode is currently set and does not need to be adjusted repeatedly.',
  '-4183': 'Price is higher than stop price multiplier cap.',
  '-4184': 'Price is lower than stop price multiplier floor.',
  '-4509':
    'Time in Force (TIF) GTE can only be used with open positions or open orders. Please ensure that positions or open orders are available.',
  '-5021':
    'Due to the order could not be filled immediately, the FOK order has been rejected. The order will not be recorded in the order history.',
  '-5022':
    'Due to the order could not be executed as maker, the Post Only order will be rejected. The order will not be recorded in the order history.',
  '-5024': 'Symbol is not in trading status. Order amendment is not permitted.',
  '-5025': 'Only limit order is supported.',
  '-5026': 'Exceed maximum modify order limit.',
  '-5027': 'No need to modify the order.',
  '-5029': "Order's notional must be no smaller than the minimum",
  '-5037': 'Invalid price match',
  '-5038': 'Price match only supports order type: LIMIT, STOP AND TAKE_PROFIT',
  '-5039': 'Invalid self trade prevention mode',
  '-5040':
    'The goodTillDate timestamp must be greater than the current time plus 600 seconds and smaller than 253402300799000 (UTC 9999-12-31 23:59:59)',
  '-5041': 'No depth matches this BBO order',
} as const;

export type RejectionCode = keyof typeof MESSAGES;

/** Returns the venue's words for a code. */
export function messageOf(code: RejectionCode): string {
  return MESSAGES[code];
}

export class VenueRejection extends Error {
  readonly venueCode: number;
  readonly httpStatus: number;

  constructor(code: RejectionCode, words: string = MESSAGES[code], httpStatus?: number) {
    super(words);
    this.name = 'VenueRejection';
    this.venueCode = Number(code);
    this.httpStatus = httpStatus ?? (code === '-2014' || code === '-2015' ? 401 : 400);
  }
}

/** Throws the venue's refusal of a missing or malformed parameter. */
export function missing(name: string): never {
  throw new VenueRejection(
    '-1102',
    `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.`,
  );
}
