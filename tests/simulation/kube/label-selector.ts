type Labels = Readonly<Record<string, string>>;

/** Returns whether labels match a selector such as `a=b,c!=d,e in (f,g),h,!i`. */
export function matchesSelector(labels: Labels, selector: string | undefined): boolean {
  if (selector === undefined || selector.trim() === '') return true;
  return selector.split(/,(?![^(]*\))/).every((term) => matchesTerm(labels, term.trim()));
}

function matchesTerm(labels: Labels, term: string): boolean {
  const set = /^(\S+)\s+(in|notin)\s+\(([^)]*)\)$/.exec(term);
  if (set !== null) {
    const [, name = '', operator, list = ''] = set;
    const isIn = list
      .split(',')
      .map((value) => value.trim())
      .includes(labels[name] ?? '\0');
    return operator === 'in' ? isIn : !isIn;
  }
  const pair = /^([^!=\s]+)\s*(!=|==?)\s*(\S*)$/.exec(term);
  if (pair !== null) {
    const [, name = '', operator, value = ''] = pair;
    return operator === '!=' ? labels[name] !== value : labels[name] === value;
  }
  return term.startsWith('!') ? labels[term.slice(1)] === undefined : labels[term] !== undefined;
}
