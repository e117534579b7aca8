import { GraphQLError, GraphQLScalarType, Kind } from 'graphql';

// Offset required: a local time without one means another instant in every office.
const INSTANT = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?([Zz]|[+-]\d{2}:\d{2})$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

// Messages never repeat what was sent: it may be anybody's data.
const refuse = (message: string): never => {
  throw new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } });
};

function parseInstant(value: unknown): Date {
  const parsed = typeof value === 'string' && INSTANT.test(value) ? new Date(value) : null;
  return parsed && !Number.isNaN(parsed.getTime())
    ? parsed
    : refuse('A DateTime is written like 2026-03-01T08:30:00+08:00.');
}

function parseDay(value: unknown): string {
  if (typeof value === 'string' && DAY.test(value)) {
    const day = new Date(`${value}T00:00:00Z`);
    if (!Number.isNaN(day.getTime()) && day.toISOString().startsWith(value)) return value;
  }
  return refuse('A Date is written like 2026-03-01.');
}

const SOURCE = /^[A-Z][A-Z0-9_]{0,39}$/;
const parseSource = (value: unknown): string =>
  typeof value === 'string' && SOURCE.test(value) ? value : refuse('A SourceCode is written like COURTS.');

export const DateTime = new GraphQLScalarType<Date, string>({
  name: 'DateTime',
  serialize: (value) => (value instanceof Date ? value : new Date(String(value))).toISOString(),
  parseValue: parseInstant,
  parseLiteral: (node) => parseInstant(node.kind === Kind.STRING ? node.value : null),
});

export const DateScalar = new GraphQLScalarType<string, string>({
  name: 'Date',
  serialize: String,
  parseValue: parseDay,
  parseLiteral: (node) => parseDay(node.kind === Kind.STRING ? node.value : null),
});

export const SourceCodeScalar = new GraphQLScalarType<string, string>({
  name: 'SourceCode',
  serialize: String,
  parseValue: parseSource,
  parseLiteral: (node) => parseSource(node.kind === Kind.STRING ? node.value : null),
});

export const scalars = { DateTime, Date: DateScalar, SourceCode: SourceCodeScalar };
