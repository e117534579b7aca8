/**
 * What departments' systems may send: fields as the inputs of the mutations of the same name. Strict, so that a mistyped field
 * is told at once instead of being left out. A field that may be absent may be null as well: many systems write it so.
 */
import { z } from 'zod';
import { URGENCIES } from '../playbooks/playbook.ts';
import { MOST_ATTACHMENTS, MOST_CHARACTERS, MOST_INFORMED } from '../referrals/act-bound.ts';
import { CATEGORIES, CHANNELS, OUTCOMES, PARTY_ROLES, PETITION_PURPOSES } from './message-type-list.ts';

const id = z.string().trim().min(1).max(100);
const instant = z.iso.datetime({ offset: true });
const text = (max: number) => z.string().trim().min(1).max(max);
const LONG = MOST_CHARACTERS.words;
const NAME = MOST_CHARACTERS.name;

const attachment = z.strictObject({
  name: text(NAME),
  mediaType: text(MOST_CHARACTERS.mediaType),
  sha256: z.string().regex(/^[0-9a-fA-F]{64}$/),
});

const version = z.int().min(1).describe('The version you have seen; if it is no longer so, the act is refused.');
// What you report or ask for holds whatever else has happened meanwhile: with a version it is refused if anything has.
const anyVersion = { id, expectedVersion: version.nullish() };
const act = {
  ...anyVersion,
  note: text(LONG).nullish(),
  attachments: z.array(attachment).max(MOST_ATTACHMENTS).nullish(),
};

export const INBOUND_DATA = {
  'referral.accept': z.strictObject(act),
  'referral.start': z.strictObject(act),
  'referral.return': z.strictObject({ ...act, note: text(LONG).describe('Why it is not yours.') }),
  // It answers one certain request, so it must be said which.
  'referral.decide_return': z.strictObject({ id, expectedVersion: version, agree: z.boolean(), note: text(LONG) }),
  'referral.progress': z.strictObject(act),
  'referral.request_extension': z.strictObject({ ...anyVersion, clock: id, until: instant, reason: text(LONG) }),
  'referral.feedback': z.strictObject({
    ...anyVersion,
    outcome: z.enum(OUTCOMES),
    text: text(LONG),
    partiesInformed: z
      .array(
        z.strictObject({
          ...{ party: text(NAME), how: text(NAME), at: instant },
          pathInWriting: z
            .boolean()
            .nullish()
            .describe('Told in writing which path the law has for it 书面告知法定途径.'),
        }),
      )
      .max(MOST_INFORMED),
    agreement: attachment.nullish(),
    helpMayBeTold: z
      .boolean()
      .nullish()
      .describe('Of counselling: the person agrees that others on the matter are told what came of it 本人同意告知.'),
  }),
  'referral.visit': z.strictObject({
    ...anyVersion,
    visitedAt: instant,
    holds: z.boolean(),
    interviewed: z.int().min(0).max(100_000),
    note: text(LONG).nullish(),
  }),
  'dispute.open': z.strictObject({
    title: text(300),
    description: text(LONG),
    category: z.enum(CATEGORIES),
    channel: z.enum(CHANNELS),
    urgency: z.enum(URGENCIES).nullish().describe('ROUTINE when left out.'),
    place: id,
    address: text(500).nullish(),
    parties: z
      .array(
        z.strictObject({
          name: text(200),
          role: z.enum(PARTY_ROLES),
          citizenId: text(40).nullish(),
          phone: text(40).nullish(),
          organisation: id.nullish(),
        }),
      )
      .max(500),
    petitionPurpose: z.enum(PETITION_PURPOSES).nullish(),
    accused: z.array(id).max(100).nullish(),
    occurredAt: instant.nullish(),
    missingDocuments: z.array(text(300)).max(100).nullish(),
    allowDuplicate: z.boolean().nullish(),
  }),
  'record.changed': z.strictObject({
    key: text(200).describe('Your own key of the record.'),
    kind: text(100).describe('What kind of record it is.'),
    changedAt: instant,
  }),
} as const;

export type InboundType = keyof typeof INBOUND_DATA;
export type InboundData<Type extends InboundType> = z.output<(typeof INBOUND_DATA)[Type]>;

export const INBOUND_TYPES = Object.keys(INBOUND_DATA) as readonly InboundType[];

/** The body as it comes in. Whatever else stands beside `data` is passed over, as the specification wants it. */
export const inboundSchema = <Type extends InboundType>(type: Type) =>
  z.looseObject({
    type: z.literal(type),
    timestamp: instant.nullish().describe('When it happened; when it was sent is in the header.'),
    data: INBOUND_DATA[type],
  });

const HEAD = z.looseObject({ type: z.string() });
const SCHEMAS = new Map(INBOUND_TYPES.map((type) => [type, inboundSchema(type)]));

export type InboundMessage = {
  readonly [Type in InboundType]: { readonly type: Type; readonly data: InboundData<Type> };
}[InboundType];

export interface InboundFault {
  /** `data.partiesInformed.0.at` */
  readonly path: string;
  readonly problem: string;
}

const UNKNOWN_TYPE: InboundFault = { path: 'type', problem: `is none of ${INBOUND_TYPES.join(', ')}` };

/** The message, or the paths that fail (422). Submitted values are not repeated: some of them are people's data. */
export function parseInbound(body: unknown): { message: InboundMessage } | { faults: readonly InboundFault[] } {
  const head = HEAD.safeParse(body);
  if (!head.success) return { faults: faultsOf(head.error) };
  const type = INBOUND_TYPES.find((known) => known === head.data.type);
  const schema = type && SCHEMAS.get(type);
  if (type === undefined || schema === undefined) return { faults: [UNKNOWN_TYPE] };
  const parsed = schema.safeParse(body);
  if (!parsed.success) return { faults: faultsOf(parsed.error) };
  // The schema was chosen by the type: that they belong together is more than the compiler can follow.
  return { message: { type, data: parsed.data.data } as InboundMessage };
}

const MAX_FAULTS = 50;
/** A name that can only be a field's; anything else might be a person's data in the wrong place. */
const FIELD_NAME = /^[a-z][A-Za-z]{0,40}$/;

const faultsOf = ({ issues }: z.ZodError): InboundFault[] =>
  issues
    .flatMap((issue): InboundFault[] => {
      const path = issue.path.join('.');
      if (issue.code !== 'unrecognized_keys') return [{ path, problem: problemOf(issue) }];
      const problem = 'is a field that this type does not have';
      return issue.keys.map((key) => ({ path: FIELD_NAME.test(key) ? `${path}.${key}` : path, problem }));
    })
    .slice(0, MAX_FAULTS);

const problemOf = (issue: z.core.$ZodIssue): string => {
  if (issue.code === 'invalid_value') return `is none of ${issue.values.join(', ')}`;
  if (issue.code === 'invalid_type') return `is missing or not of the type ${issue.expected}`;
  if (issue.code === 'too_big') return `is more than ${issue.maximum}`;
  if (issue.code === 'too_small') return `is less than ${issue.minimum}`;
  if (issue.code === 'invalid_format') return `is not written as ${issue.format}`;
  return 'is not valid';
};
