import type { FieldSchema } from './check-shape.ts';
import type { TextFormatName } from './formats.ts';
import { NOTES } from './rules/notes.ts';
import { FLEET_RULES } from './rules/rules.ts';
import { API_VERSION, KIND, KraiteFleetSchema } from './schema.ts';

/** Returns the reference page of the object, docs/reference/kraitefleet.md, from the schema and the rules. */
export function renderFleetReference(): string {
  const root = KraiteFleetSchema as unknown as FieldSchema;
  return [
    '# KraiteFleet',
    '',
    '<!-- Generated from pkg/fleet-spec. To regenerate: KRAITE_UPDATE_GOLDEN=1 vitest run pkg/fleet-spec -->',
    '',
    `One object (\`apiVersion: ${API_VERSION}\`, \`kind: ${KIND}\`) describes a whole fleet. A full example,`,
    'with every number written out, is `k8s/samples/fleet.yaml`; `kraite validate -f FILE` checks a file and names',
    'every mistake at once. A field with a default may be left out.',
    '',
    ...renderGroup('', root),
    '## What must hold between fields',
    '',
    ...[...FLEET_RULES].map((rule) => `- \`${rule.path}\`: ${rule.sentence}`),
    '',
    'Told as a warning, but allowed:',
    '',
    ...NOTES.map((rule) => `- \`${rule.path}\`: ${rule.sentence}`),
    '',
  ].join('\n');
}

function renderGroup(path: string, group: FieldSchema): readonly string[] {
  const fields = Object.entries(group.properties ?? {});
  const join = (name: string): string => (path === '' ? name : `${path}.${name}`);
  return [
    `## ${path === '' ? 'The object' : `\`${path}\``}`,
    '',
    ...(group.description === undefined ? [] : [group.description, '']),
    '| field | type | default | meaning |',
    '| --- | --- | --- | --- |',
    ...fields.map(([name, field]) => renderRow(name, field)),
    '',
    ...fields.flatMap(([name, field]) => {
      if (field.type === 'object' && field.properties !== undefined) {
        return renderGroup(join(name), field);
      }
      return field.items?.properties === undefined
        ? []
        : renderGroup(`${join(name)}[]`, field.items);
    }),
  ];
}

function renderRow(name: string, field: FieldSchema): string {
  const cells = [
    `\`${name}\``,
    describeType(field),
    describeDefault(field),
    field.description ?? '',
  ];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function describeType(field: FieldSchema): string {
  const orNull = field.nullable === true ? ' or null' : '';
  if (field.type === 'array') {
    return `list of ${field.items?.type === 'object' ? 'groups' : describeType(field.items ?? { type: 'string' })}${orNull}`;
  }
  if (field.type === 'object')
    return `${field.properties === undefined ? 'texts by name' : 'group'}${orNull}`;
  if (field.enum !== undefined)
    return `${field.enum.map((each) => `\`${each}\``).join(', ')}${orNull}`;
  if (field.type === 'integer') return `${field.minimum ?? 0} to ${field.maximum ?? '∞'}${orNull}`;
  return `${field.format === undefined ? field.type : FORMAT_WORDS[field.format as TextFormatName]}${orNull}`;
}

const FORMAT_WORDS: Readonly<Record<TextFormatName, string>> = {
  'dns-label': 'DNS label',
  hostname: 'host name',
  ipv4: 'IPv4 address',
  cidr: 'IPv4 network',
  duration: 'duration',
  size: 'size',
  image: 'image',
  version: 'version',
  'endpoint-url': 'URL',
  email: 'e-mail address',
  'time-of-day': 'time of day',
};

function describeDefault(field: FieldSchema): string {
  if (field.default === undefined) return 'required';
  if (field.type === 'object' && field.default !== null) {
    return field.properties === undefined ? 'empty' : 'as below';
  }
  return field.default === '' ? 'empty' : `\`${JSON.stringify(field.default)}\``;
}
