import {
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  parseAllDocuments,
  type Document,
  type YAMLError,
} from 'yaml';

import { toError } from '#pkg/base';
import type { FieldPath } from './mistake.ts';

export interface YamlObject {
  readonly value: unknown;
  /** Line of a field; where it is missing, the line of the nearest parent that is there. */
  lineOf(path: FieldPath): number;
}

export type YamlReading =
  | { readonly kind: 'read'; readonly object: YamlObject }
  | {
      readonly kind: 'unreadable';
      readonly problems: readonly { readonly line: number; readonly message: string }[];
    };

const TEXT_LENGTH_MAX = 1_000_000;

/** Reads the one YAML document of `text`, keeping where each field stands. */
export function readYaml(text: string): YamlReading {
  if (text.length > TEXT_LENGTH_MAX) {
    return unreadable(1, 'the file is larger than 1 MB; one KraiteFleet needs a few kilobytes');
  }
  const lines = new LineCounter();
  const parsed = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false });
  const documents = (Array.isArray(parsed) ? parsed : []).filter((document) =>
    hasContent(document),
  );
  const [document, second] = documents;
  if (document === undefined) {
    return unreadable(1, 'the file holds no object; start from k8s/samples/fleet.yaml');
  }
  const errors = documents.flatMap((each) => each.errors);
  if (errors.length > 0) {
    return { kind: 'unreadable', problems: describeErrors(errors, lines) };
  }
  if (second !== undefined) {
    const line = lines.linePos(second.range[0]).line;
    return unreadable(
      line,
      'a second document starts here; one file holds one KraiteFleet, so move it to a file of its own',
    );
  }
  try {
    const value: unknown = document.toJS({ maxAliasCount: 100 });
    return { kind: 'read', object: { value, lineOf: (path) => lineOf(document, lines, path) } };
  } catch (error) {
    return unreadable(1, `an alias cannot be resolved: ${toError(error).message}`);
  }
}

function unreadable(line: number, message: string): YamlReading {
  return { kind: 'unreadable', problems: [{ line, message }] };
}

function hasContent(document: Document.Parsed): boolean {
  const isEmptyScalar = isScalar(document.contents) && document.contents.value === null;
  return document.errors.length > 0 || (document.contents !== null && !isEmptyScalar);
}

/** What to do about the commoner ones; the others say what the parser says. */
const ADVICE: Partial<Record<YAMLError['code'], string>> = {
  TAB_AS_INDENT: 'a tab indents this line; use spaces',
  BAD_INDENT: 'the indentation does not fit the lines above; use two spaces for each level',
  DUPLICATE_KEY: 'this field is written twice; keep one of them',
  MISSING_CHAR: 'a quote, bracket or colon is missing here; close what was opened',
  MULTILINE_IMPLICIT_KEY:
    'a field has no ":" or its value is indented wrongly; write `name: value`',
  BAD_ALIAS: 'an alias (*) names no anchor (&) above it; write the value itself',
};

function describeErrors(
  errors: readonly YAMLError[],
  lines: LineCounter,
): readonly { readonly line: number; readonly message: string }[] {
  const seen = new Set<number>();
  return errors.flatMap((error) => {
    const { line } = lines.linePos(error.pos[0]);
    if (seen.has(line)) return [];
    seen.add(line);
    const advice = ADVICE[error.code] ?? `${error.message}; check indentation, quotes and colons`;
    return [{ line, message: `not YAML: ${advice}` }];
  });
}

function lineOf(document: Document.Parsed, lines: LineCounter, path: FieldPath): number {
  let node: unknown = document.contents;
  let offset = document.contents?.range[0] ?? 0;
  for (const part of path) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && item.key.value === part);
      if (!isPair(pair)) break;
      offset = startOf(pair.key) ?? offset;
      node = pair.value;
    } else if (isSeq(node) && typeof part === 'number' && part < node.items.length) {
      node = node.items[part];
      offset = startOf(node) ?? offset;
    } else {
      break;
    }
  }
  return lines.linePos(offset).line;
}

function startOf(node: unknown): number | undefined {
  return isScalar(node) || isMap(node) || isSeq(node) ? node.range?.[0] : undefined;
}
