/** Timelines: what happened across departments, newest first. */
import { openCursor, pageSize, sealCursor } from '../../core/platform/cursor.ts';
import { cutPage, toConnection, type Connection } from '../kit/connection.ts';
import type { PageArguments } from '../kit/department-part.ts';
import { recordGrant } from './grants.ts';
import type { DisputeParent, PersonParent, RecordParent, RegistryContext, TimelineParent } from './loaders.ts';
import type { TimelineEntryResolvers } from './resolver-types.generated.ts';

interface TimelineRecord {
  readonly recordId: string;
  readonly source: string;
  readonly kind: string;
  readonly keyCipher: Buffer;
  readonly at: Date;
  readonly marks: number;
  readonly own: boolean;
}

const toEntry = ({ recordId, ...record }: TimelineRecord): TimelineParent => ({
  at: record.at,
  source: record.source,
  kind: record.kind,
  id: recordId,
  record: { keyCipher: record.keyCipher, marks: record.marks, own: record.own },
});

const newestFirst = (a: TimelineParent, b: TimelineParent): number =>
  b.at.getTime() - a.at.getTime() || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0);

function page(
  context: RegistryContext,
  list: string,
  entries: readonly TimelineParent[],
  { first, after }: PageArguments,
): Connection<TimelineParent> {
  const { keyring } = context.deps;
  const size = pageSize(first, 50);
  const sorted = [...new Map(entries.map((entry) => [entry.id, entry])).values()].sort(newestFirst);
  const position = after ? openCursor(keyring, list, after) : null;
  const rest = position
    ? sorted.filter((entry) => newestFirst(entry, { ...entry, at: new Date(position.sort), id: position.id }) > 0)
    : sorted;
  return toConnection({
    ...cutPage(rest, size),
    cursorOf: ({ at, id }) => sealCursor(keyring, list, { sort: at.toISOString(), id }),
    hasPreviousPage: rest.length < sorted.length,
    totalCount: sorted.length,
  });
}

export async function personTimeline(
  context: RegistryContext,
  person: PersonParent,
  asked: PageArguments,
): Promise<Connection<TimelineParent>> {
  const disputes = await context.disputesOfPerson.load(person.id);
  const referrals = await Promise.all(disputes.map(({ id }) => context.referralsOfDispute.load(id)));
  const entries = [
    ...person.mentions.map((mention) => toEntry(mention)),
    ...disputes.map(({ id, openedAt }) => disputeEntry(id, openedAt)),
    ...referrals.flat().map(referralEntry),
  ];
  return page(context, `Person.timeline ${person.id}`, entries, asked);
}

const referralEntry = ({ id, openedAt }: { id: string; openedAt: Date }): TimelineParent => ({
  at: openedAt,
  source: 'CENTRE',
  kind: 'REFERRAL',
  id,
  record: null,
});

const disputeEntry = (id: string, at: Date): TimelineParent => ({
  at,
  source: 'CENTRE',
  kind: 'DISPUTE',
  id,
  record: null,
});

export async function disputeTimeline(
  context: RegistryContext,
  dispute: DisputeParent,
  asked: PageArguments,
): Promise<Connection<TimelineParent>> {
  const [records, referrals] = await Promise.all([
    context.disputeRecords.load(dispute.id),
    context.referralsOfDispute.load(dispute.id),
  ]);
  const entries = [
    ...records.filter(({ withheld }) => !withheld).map((record) => toEntry(record)),
    disputeEntry(dispute.id, dispute.openedAt),
    ...referrals.map(referralEntry),
  ];
  return page(context, `Dispute.timeline ${dispute.id}`, entries, asked);
}

/** The link of an entry to its department's record, when it is that department's. */
async function recordLink(
  context: RegistryContext,
  entry: TimelineParent,
  source: string,
): Promise<RecordParent | null> {
  if (entry.source !== source || entry.record === null) return null;
  // A link that leads nowhere is none: what the record says is not for this caller, or on no basis now.
  if (!(await context.basis()).fields.contents(source).allowed) return null;
  const record = { recordId: entry.id, source, ...entry.record, at: entry.at };
  return { id: entry.id, grant: await recordGrant(context, record) };
}

export const TimelineEntry: TimelineEntryResolvers = {
  courtCase: (entry, _, context) => recordLink(context, entry, 'COURTS'),
  policeIncident: (entry, _, context) => recordLink(context, entry, 'POLICE'),
  petition: (entry, _, context) => recordLink(context, entry, 'PETITIONS'),
  dispute: (entry, _, context) =>
    entry.kind === 'DISPUTE' && entry.record === null ? context.disputes.load(entry.id) : null,
  referral: (entry) => (entry.kind === 'REFERRAL' && entry.record === null ? { id: entry.id } : null),
};
