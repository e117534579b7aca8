/** What a message that came in asks for, in the words of those who do it. Organisations are codes outside and ids inside. */
import { loadOrganisationsByCode, loadOrganisationsById } from '../organisations/organisation.ts';
import type { Queryable } from '../platform/db.ts';
import { AppError, badInput } from '../platform/errors.ts';
import type { Act } from '../referrals/act.ts';
import type { InboundData, InboundMessage } from './message-type-inbound.ts';

export interface ReferralAct {
  readonly id: string;
  readonly expectedVersion: number | null;
  readonly act: Act;
}

type ReferralMessage = Exclude<InboundMessage, { readonly type: 'dispute.open' | 'record.changed' }>;

const utc = (instant: string): string => new Date(instant).toISOString();

function noted({ note, attachments }: InboundData<'referral.progress'>) {
  return {
    note: note ?? undefined,
    attachments: attachments?.map((one) => ({ ...one, sha256: one.sha256.toLowerCase() })),
  };
}

function actOf({ type, data }: ReferralMessage): Act {
  switch (type) {
    case 'referral.accept':
      return { type: 'ACCEPT', ...noted(data) };
    case 'referral.start':
      return { type: 'START', ...noted(data) };
    case 'referral.return':
      return { type: 'RETURN', ...noted(data) };
    case 'referral.progress':
      return { type: 'PROGRESS', ...noted(data) };
    case 'referral.decide_return':
      return { type: 'DECIDE_RETURN', agree: data.agree, note: data.note };
    case 'referral.request_extension':
      return { type: 'REQUEST_EXTENSION', clock: data.clock, until: utc(data.until), note: data.reason };
    case 'referral.feedback':
      return {
        ...{ type: 'FEEDBACK', outcome: data.outcome, text: data.text },
        informed: data.partiesInformed.map(({ party, how, at, pathInWriting }) => ({
          ...{ party, how, at: utc(at) },
          ...(pathInWriting ? { pathInWriting } : {}),
        })),
        agreementSha256: data.agreement?.sha256.toLowerCase() ?? null,
        helpMayBeTold: data.helpMayBeTold ?? false,
      };
    case 'referral.visit':
      return {
        ...{ type: 'VISIT', visitedAt: utc(data.visitedAt), holds: data.holds, interviewed: data.interviewed },
        note: data.note ?? undefined,
      };
  }
}

export const toReferralAct = (message: ReferralMessage): ReferralAct => ({
  ...{ id: message.data.id, expectedVersion: message.data.expectedVersion ?? null },
  act: actOf(message),
});

/** As `openDispute` takes it, its organisations ids. */
export type DisputeReport = InboundData<'dispute.open'>;

/** The same report with ids for codes (an id stays one). BAD_USER_INPUT naming the first path whose organisation is not there. */
export async function resolveOrganisations(q: Queryable, report: DisputeReport): Promise<DisputeReport> {
  const named = [
    { name: report.place, field: 'input.place' },
    ...report.parties.map(({ organisation }, at) => ({
      name: organisation,
      field: `input.parties.${at}.organisation`,
    })),
    ...(report.accused ?? []).map((name, at) => ({ name, field: `input.accused.${at}` })),
  ];
  const names = [...new Set(named.flatMap(({ name }) => name ?? []))];
  const [byId, byCode] = [await loadOrganisationsById(q, names), await loadOrganisationsByCode(q, names)];
  const ids = new Map<string, string>();
  for (const { id } of byId.filter(({ closedAt }) => closedAt === null)) ids.set(id, id);
  for (const { id, code } of byCode.filter(({ closedAt }) => closedAt === null)) ids.set(code, id);
  const unknown = named.find(({ name }) => name != null && !ids.has(name));
  if (unknown) throw badInput(unknown.field, 'There is no such organisation.');
  const idOf = (name: string): string => ids.get(name) ?? name;
  return {
    ...report,
    place: idOf(report.place),
    parties: report.parties.map((party) =>
      party.organisation == null ? party : { ...party, organisation: idOf(party.organisation) },
    ),
    accused: report.accused?.map(idOf),
  };
}

export interface Rejection {
  /** Of the API's errors. */
  readonly code: string;
  /** Without personal data, at most 500 characters. */
  readonly reason: string;
}

const SENDERS_FAULT: ReadonlySet<string> = new Set([
  ...['NOT_FOUND', 'CONFLICT', 'ILLEGAL_TRANSITION', 'FORBIDDEN', 'BAD_USER_INPUT', 'ROUTING_FORBIDDEN'],
]);

const MOST_REASON = 500;

/** What to tell the sender; null when it is not the sender's fault and may go well another time. */
export function toRejection(error: unknown): Rejection | null {
  if (!(error instanceof AppError) || error.retryable || !SENDERS_FAULT.has(error.code)) return null;
  const { field } = error.details;
  // The API says `input`, a message `data`.
  const path = typeof field === 'string' ? `${field.replace(/^input\b/, 'data')}: ` : '';
  return { code: error.code, reason: `${path}${error.message}`.slice(0, MOST_REASON) };
}
