import { TEXT_FORMATS } from '#pkg/fleet-spec';
import { digits, mustFindNothing, mustHold, type Findings, type PlacedRule } from './cel.ts';

/**
 * The rules of `pkg/fleet-spec/rules` in CEL, by their names: same verdict, same path, same sentence.
 *
 * One thing CEL cannot say is what a name was most likely meant to be; there it gives the other advice.
 */
export const FLEET_CEL: Readonly<Record<string, (sentence: string) => readonly PlacedRule[]>> = {
  networkBoxesAreDistinct: (sentence) => [
    mustFindNothing(
      { at: 'spec.network', fieldPath: '.boxes', sentence },
      repeats('self.boxes.map(b, b.name)', networkPath('name'), standsAlready(networkPath('name'))),
    ),
  ],
  boxesHaveOneRole: (sentence) => [
    mustFindNothing(
      { at: 'spec', sentence },
      repeats(
        ROLE_HOLDERS,
        rolePath,
        (i, first) => `(${roleOf(i)} == ${roleOf(first)}
          ? ${standsAlready(rolePath)(i, first)}
          : e + ' is the ' + ${roleOf(first)} + ' box already (' + ${rolePath(first)} + '); give each box one role')`,
      ),
    ),
  ],
  roleBoxesExist: (sentence) => [
    mustFindNothing(
      { at: 'spec', fieldPath: '.network.boxes', sentence },
      unknown(ROLE_HOLDERS, rolePath),
    ),
  ],
  otherBoxesExist: (sentence) => [
    mustFindNothing(
      { at: 'spec', fieldPath: '.network.boxes', sentence },
      unknown(OTHER_HOLDERS, otherPath),
    ),
  ],
  networkBoxesAreUsed: (sentence) => [
    mustFindNothing(
      { at: 'spec', fieldPath: '.network.boxes', sentence },
      {
        list: 'self.network.boxes',
        // A role whose name is empty may be meant for any of them.
        isWrong: `e.name != '' && !(e.name in ${USED_BOXES}) && !('' in ${USED_BOXES})`,
        says: `${networkPath('name')('i')} + ': no role names ' + e.name + '; give it a role or remove it'`,
      },
    ),
  ],
  controlPlaneIsOdd: (sentence) => [
    mustFindNothing(
      { at: 'spec.controlPlane.boxes', sentence },
      repeats('self', controlPlanePath, standsAlready(controlPlanePath)),
    ),
    mustHold(
      { at: 'spec.controlPlane.boxes', sentence },
      // One that stands twice is told alone.
      `size(self) == 0 || size(self) % 2 == 1 || !self.all(i, e, self.indexOf(e) == i)`,
      `${digits('size(self)')} + ' boxes survive no more losses than ' + ${digits('(size(self) - 1)')} +
        '; name an odd number'`,
    ),
  ],
  standbyCanTakeOver: (sentence) => [
    mustHold(
      { at: 'spec', fieldPath: '.brain.standbyBox', sentence },
      `!has(self.brain.standbyBox) || self.brain.standbyBox in ['', self.indicators.box] ||
        self.trading.boxes.exists(b, b.name == self.brain.standbyBox)`,
      `self.brain.standbyBox + (self.brain.standbyBox == self.core.box ? ' is the core box'
        : self.brain.standbyBox == self.brain.box ? ' is the brain box' : ' has no egress address')
        + '; name a trading box or the indicator box'`,
    ),
  ],
  replicaIsElsewhere: (sentence) => [
    mustHold(
      { at: 'spec.core', fieldPath: '.replicaBox', sentence },
      `!has(self.replicaBox) || self.replicaBox != self.box`,
      `self.box + ' holds the database itself; name another box'`,
    ),
  ],
  egressAddressesAreDistinct: (sentence) => [
    mustFindNothing({ at: 'spec', sentence }, shared(EGRESS_ADDRESSES, EGRESS_BOXES, egressPath)),
  ],
  egressAddressesAreOutside: (sentence) => [
    mustFindNothing(
      { at: 'spec', sentence },
      {
        list: EGRESS_ADDRESSES,
        isWrong: `${isNetwork('self.network.privateCIDR')} && ${isAddress('e')} && cidr(self.network.privateCIDR).containsIP(e)`,
        says: `${egressPath('i')} + ': ' + e + ' lies in the private network; write the public address that the venue sees'`,
      },
    ),
  ],
  privateAddressesAreDistinct: (sentence) => [
    mustFindNothing(
      { at: 'spec.network', fieldPath: '.boxes', sentence },
      shared(
        'self.boxes.map(b, b.privateIP)',
        'self.boxes.map(b, b.name)',
        networkPath('privateIP'),
      ),
    ),
  ],
  privateAddressesAreInNetwork: (sentence) => [
    mustFindNothing(
      { at: 'spec.network', fieldPath: '.boxes', sentence },
      {
        list: 'self.boxes',
        isWrong: `${isNetwork('self.privateCIDR')} && ${isAddress('e.privateIP')} && !cidr(self.privateCIDR).containsIP(e.privateIP)`,
        says: `${networkPath('privateIP')('i')} + ': ' + e.privateIP + ' lies outside spec.network.privateCIDR ' +
          self.privateCIDR + '; correct one of them'`,
      },
    ),
  ],
  lanesHaveSlots: (sentence) => [
    ...['positions', 'orders', 'priority'].map((lane) =>
      mustHold(
        { at: 'spec.trading', fieldPath: '.boxes', sentence },
        `self.boxes.exists(b, b.lanes.${lane} > 0)`,
        `'spec.trading.boxes[0].lanes.${lane}: the lane ${lane} has 0 slots in ' +
          (size(self.boxes) == 1 ? 'its only box' : 'each of its ' + ${digits('size(self.boxes)')} + ' boxes') +
          ', so its steps would never run; write 1 or more'`,
      ),
    ),
    ...['indicators', 'cronjobs'].map((lane) => onlyBox('indicators', lane, lane, sentence)),
    onlyBox('brain', 'user-data-stream', 'user__dash__data__dash__stream', sentence),
  ],
  ownLanesHaveSlots: (sentence) => [
    ownLane('spec.brain', 'self.box', sentence),
    ownLane('spec.indicators', 'self.box', sentence),
    ownLane('spec.trading.boxes[]', 'self.name', sentence),
  ],
  liveUsesVenueHosts: (sentence) =>
    ENDPOINTS.map((name) =>
      mustHold(
        { at: 'spec', fieldPath: `.exchange.endpoints.${name}`, sentence },
        `self.exchange.mode == 'simulated' || self.exchange.endpoints.${name} == ''`,
        `'must be empty in mode ' + self.exchange.mode + ', where keys are sent to the venue\\'s own hosts only'`,
      ),
    ),
  simulatedVenueIsKnown: (sentence) =>
    ENDPOINTS.map((name) =>
      mustHold(
        { at: 'spec', fieldPath: `.exchange.endpoints.${name}`, sentence },
        `self.exchange.mode != 'simulated' || self.exchange.endpoints.${name} != ''`,
        `'is empty; in a cluster a simulated venue needs its URL here'`,
      ),
    ),
  someBoxKeepsTrading: (sentence) => [
    mustHold(
      { at: 'spec', fieldPath: '.update.maxUnavailable', sentence },
      // More than 95 is out of its own range.
      `self.update.maxUnavailable < size(self.trading.boxes) || self.update.maxUnavailable == 1 || self.update.maxUnavailable > 95`,
      `${digits('self.update.maxUnavailable')} + ' of ' + ${digits('size(self.trading.boxes)')} +
        ' trading boxes may be away at once, so none would be left; write less'`,
    ),
  ],
  drainTakesAMinute: (sentence) => [
    lastsAtLeast(
      { at: 'spec.update.drainTimeout', sentence },
      '60s',
      'is too short to finish an order; write 60s or more',
    ),
  ],
  backupsAreApart: (sentence) => [
    lastsAtLeast(
      { at: 'spec.core.backup.fullEvery', sentence },
      '10m',
      'would back up without a pause; write 10m or more',
    ),
  ],
  windowsAreLongEnough: (sentence) => [
    lastsAtLeast(
      { at: 'spec.update.windows[].lasts', sentence },
      '10m',
      'is too short to update a box; write 10m or more',
    ),
  ],
  sitesAreDistinct: (sentence) => [
    differs('publicHost', 'adminHost', sentence),
    differs('docsHost', 'adminHost', sentence),
    differs('docsHost', 'publicHost', sentence),
  ],
  certificatesHaveOneSource: (sentence) => [
    mustHold(
      { at: 'spec.web.tls', sentence },
      `!has(self.acmeEmail) || !has(self.secret)`,
      `'acmeEmail and secret exclude each other; set one of them to null'`,
    ),
  ],
};

// Rules of groups with a default stand at `spec`: a default is checked before those below it are filled in.
const ENDPOINTS = ['rest', 'publicStream', 'marketStream', 'privateStream'];

function isAddress(text: string): string {
  return `isIP(${text}) && ip(${text}).family() == 4`;
}

/** What is no IPv4 network is told where it stands. */
function isNetwork(text: string): string {
  return `isCIDR(${text}) && cidr(${text}).ip().family() == 4 && cidr(${text}) == cidr(${text}).masked()`;
}

/** A CEL expression of where the i-th of a list stands. */
type PathOf = (i: string) => string;

const networkPath =
  (field: string): PathOf =>
  (i) =>
    entry('spec.network.boxes', i, `.${field}`);

const controlPlanePath: PathOf = (i) => entry('spec.controlPlane.boxes', i);

const ROLE_HOLDERS =
  '([self.core.box, self.brain.box] + self.trading.boxes.map(b, b.name) + [self.indicators.box])';

const rolePath: PathOf = (i) => `(${i} == 0 ? 'spec.core.box' : ${i} == 1 ? 'spec.brain.box'
  : ${i} == size(self.trading.boxes) + 2 ? 'spec.indicators.box' : ${entry('spec.trading.boxes', `(${i} - 2)`, '.name')})`;

const roleOf = (i: string): string => `(${i} == 0 ? 'core' : ${i} == 1 ? 'brain'
  : ${i} == size(self.trading.boxes) + 2 ? 'indicators' : 'trading')`;

/** Boxes that are named beside the four primary roles. */
const OTHER_HOLDERS = `(self.controlPlane.boxes
  + (has(self.core.replicaBox) ? [self.core.replicaBox] : [])
  + (has(self.brain.standbyBox) ? [self.brain.standbyBox] : []))`;

const otherPath: PathOf = (i) => `(${i} < size(self.controlPlane.boxes) ? ${controlPlanePath(i)}
  : ${i} == size(self.controlPlane.boxes) && has(self.core.replicaBox) ? 'spec.core.replicaBox' : 'spec.brain.standbyBox')`;

const USED_BOXES = `(${ROLE_HOLDERS} + ${OTHER_HOLDERS})`;

const EGRESS_ADDRESSES =
  '([self.brain.egressIP] + self.trading.boxes.map(b, b.egressIP) + [self.indicators.egressIP])';

const EGRESS_BOXES =
  '([self.brain.box] + self.trading.boxes.map(b, b.name) + [self.indicators.box])';

const egressPath: PathOf = (i) => `(${i} == 0 ? 'spec.brain.egressIP'
  : ${i} == size(self.trading.boxes) + 1 ? 'spec.indicators.egressIP'
  : ${entry('spec.trading.boxes', `(${i} - 1)`, '.egressIP')})`;

function entry(list: string, i: string, field = ''): string {
  return `'${list}[' + ${digits(i)} + ']${field}'`;
}

/** Finds each entry of a list of texts that stood before; `says` is a CEL text of e, and of its place and the first one's. */
function repeats(
  list: string,
  pathOf: PathOf,
  says: (i: string, first: string) => string,
): Findings {
  // Not `indexOf`, whose cost the API server takes for endless on a list that is put together.
  const first = `${list}.transformList(j, f, f == e, j)[0]`;
  return {
    list,
    isWrong: `${list}.exists(j, f, j < i && f == e)`,
    says: `${pathOf('i')} + ': ' + ${says('i', first)}`,
  };
}

const standsAlready =
  (pathOf: PathOf) =>
  (_: string, first: string): string =>
    `e + ' stands in ' + ${pathOf(first)} + ' already; name each box once'`;

function shared(addresses: string, boxes: string, pathOf: PathOf): Findings {
  return repeats(
    addresses,
    pathOf,
    (_, first) =>
      `e + ' is the address of ' + ${boxes}[${first}] + ' already (' + ${pathOf(first)} + '); give each box its own'`,
  );
}

function unknown(holders: string, pathOf: PathOf): Findings {
  return {
    list: holders,
    isWrong: `e != '' && !self.network.boxes.exists(b, b.name == e)`,
    says: `${pathOf('i')} + ': no box ' + e + ' in spec.network.boxes; add it there with its privateIP'`,
  };
}

function onlyBox(group: string, lane: string, escaped: string, sentence: string): PlacedRule {
  const field = /^[a-z]+$/.test(lane) ? `.${lane}` : `['${lane}']`;
  return mustHold(
    { at: `spec.${group}`, fieldPath: `.lanes${field}`, sentence },
    `self.lanes.${escaped} != 0`,
    `'the lane ${lane} has 0 slots in its only box, so its steps would never run; write 1 or more'`,
  );
}

function ownLane(at: string, box: string, sentence: string): PlacedRule {
  return mustHold(
    { at, fieldPath: '.lanes.own', sentence },
    `self.lanes.own != 0`,
    `'0 slots would never run the steps pinned to ' + ${box} + '; write 1 or more'`,
  );
}

function lastsAtLeast(
  place: { readonly at: string; readonly sentence: string },
  bound: string,
  says: string,
): PlacedRule {
  // A text that is no duration is told by its pattern.
  const isDuration = `self.matches('${TEXT_FORMATS.duration.pattern}')`;
  return mustHold(
    place,
    `!${isDuration} || duration(self) >= duration('${bound}')`,
    `self + ' ${says}'`,
  );
}

function differs(site: string, other: string, sentence: string): PlacedRule {
  const isOther = `self.web.${site} != self.web.${other}`;
  // Three equal names: the third is told once.
  const holds =
    site === 'docsHost' && other === 'publicHost'
      ? `${isOther} || self.web.docsHost == self.web.adminHost`
      : isOther;
  return mustHold(
    { at: 'spec', fieldPath: `.web.${site}`, sentence },
    holds,
    `self.web.${site} + ' is spec.web.${other} already; the sites are told apart by host name'`,
  );
}
