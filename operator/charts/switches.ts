import { Type, type TSchema } from 'typebox';

/** Fields that both charts have. A field with a default may be left out. */
export const closed = (
  description: string,
  properties: Readonly<Record<string, TSchema>>,
): TSchema => Type.Object(properties, { description, additionalProperties: false, default: {} });

export const texts = (description: string): TSchema =>
  Type.Unsafe({
    type: 'object',
    description,
    additionalProperties: { type: 'string' },
    default: {},
  });

export const toggle = (description: string): TSchema =>
  Type.Boolean({ description, default: false });

export const serviceMonitor = (what: string): TSchema =>
  closed(`Lets the Prometheus operator scrape ${what}.`, {
    enabled: toggle('Whether it does.'),
    labels: texts('What your Prometheus selects by.'),
    interval: Type.String({
      description: 'Time between two scrapes, like 30s.',
      pattern: '^[0-9]+(ms|s|m)$',
      default: '30s',
    }),
  });

/** Helm hands it to every chart. */
export const GLOBAL: TSchema = Type.Unsafe({
  type: 'object',
  description: 'Of a chart around this one; unused here.',
  default: {},
});
