/** What a registry wants to see before it answers (RFC 9110, section 11; Docker's token specification for `Bearer`). */
export type Challenge =
  | { readonly kind: 'basic' }
  | { readonly kind: 'bearer'; readonly realm: string; readonly parameters: URLSearchParams }
  | { readonly kind: 'unknown' };

/** Reads a `WWW-Authenticate` header. */
export function parseChallenge(header: string | null): Challenge {
  const [, scheme = '', rest = ''] = /^\s*(\w+)\s*(.*)$/s.exec(header ?? '') ?? [];
  if (scheme.toLowerCase() === 'basic') return { kind: 'basic' };
  if (scheme.toLowerCase() !== 'bearer') return { kind: 'unknown' };
  const fields = new URLSearchParams();
  for (const [, name = '', value = ''] of rest.matchAll(/(\w+)="([^"]*)"/g)) {
    fields.append(name.toLowerCase(), value);
  }
  const realm = fields.get('realm');
  if (realm === null || !URL.canParse(realm)) return { kind: 'unknown' };
  const parameters = new URLSearchParams();
  for (const name of ['service', 'scope']) {
    for (const value of fields.getAll(name)) parameters.append(name, value);
  }
  return { kind: 'bearer', realm, parameters };
}
