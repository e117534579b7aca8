/** Rows of `dispute_link_proposal`: at most one open question between any two disputes; what is decided stays. */
import type { Queryable, Tx } from '../platform/db.ts';
import { newId } from '../platform/id.ts';
import { betweenDisputes, type CandidateLink } from './candidate-link.ts';
import { isComparable } from './comparable-row.ts';
import type { LinkRule } from './link-rule.ts';

export type ProposalStatus = 'OPEN' | 'ACCEPTED' | 'REJECTED';
type Origin = 'COMPARED' | 'INTAKE';

/** `betweenDisputes` of the disputes that its records tell of now; null: of one, or one of them of none. */
const toKey = (a: string | null, b: string | null): string | null =>
  a === null || b === null || a === b ? null : betweenDisputes(a, b);

interface StoredProposal {
  readonly id: string;
  readonly status: ProposalStatus;
  readonly origin: Origin;
  readonly recordId: string;
  readonly besideId: string;
  readonly score: number;
  readonly version: string;
  readonly key: string | null;
  /** Both may be compared at all. */
  readonly stands: boolean;
}

const comparable = (r: string, l: string): string =>
  `exists (select from dispute d where d.id = ${l}.dispute_id and ${isComparable(r, 'd')})`;

const STORED = `
with asked as (
  select id from dispute_link_proposal where record_id = any($1)
  union select id from dispute_link_proposal where beside_id = any($1)
)
select p.id, p.status, p.origin, p.record_id as "recordId", p.beside_id as "besideId", p.score, p.version,
  l.dispute_id as "disputeId", bl.dispute_id as "besideDisputeId", ${comparable('r', 'l')} and ${comparable('b', 'bl')} as stands
from asked join dispute_link_proposal p on p.id = asked.id
join record r on r.id = p.record_id join record b on b.id = p.beside_id
left join dispute_record l on l.record_id = r.id and l.unlinked_at is null
left join dispute_record bl on bl.record_id = b.id and bl.unlinked_at is null`;

type StoredRow = Omit<StoredProposal, 'key'> & {
  readonly disputeId: string | null;
  readonly besideDisputeId: string | null;
};

/** All about any of these records. */
export const loadProposals = async (tx: Tx, recordIds: readonly string[]): Promise<StoredProposal[]> =>
  (await tx.query<StoredRow>(STORED, [recordIds])).map(({ disputeId, besideDisputeId, ...row }) => ({
    ...row,
    key: toKey(disputeId, besideDisputeId),
  }));

// A pair that was decided once stays as it was decided.
const PROPOSE = `
insert into dispute_link_proposal (id, status, record_id, beside_id, origin, score, reasons, version, proposed_at, decided_at)
select id, status, record_id, beside_id, origin, score, reasons::text[], $7, $8, case when status = 'OPEN' then null else $8::timestamptz end
from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::real[], $6::text[], $9::text[])
  as n(id, record_id, beside_id, origin, score, reasons, status)
on conflict (record_id, beside_id) do nothing`;

export interface NewProposal {
  readonly recordId: string;
  readonly besideId: string;
  readonly origin: Origin;
  readonly score: number;
  /** Codes. */
  readonly reasons: readonly string[];
  /** ACCEPTED: it has joined by itself. */
  readonly status: 'OPEN' | 'ACCEPTED';
}

export const toProposal = (
  { record, beside, evidence }: CandidateLink,
  status: NewProposal['status'],
): NewProposal => ({
  ...{ recordId: record.id, besideId: beside.id, origin: 'COMPARED', status },
  ...evidence,
});

/** One statement, also when there are none: how many it takes does not tell that something is hidden. */
export async function insertProposals(
  q: Queryable,
  proposals: readonly NewProposal[],
  version: string,
  now: Date,
): Promise<void> {
  await q.query(PROPOSE, [
    proposals.map(() => newId('dlp', now)),
    proposals.map(({ recordId }) => recordId),
    proposals.map(({ besideId }) => besideId),
    proposals.map(({ origin }) => origin),
    proposals.map(({ score }) => score),
    proposals.map(({ reasons }) => `{${reasons.join(',')}}`),
    version,
    now,
    proposals.map(({ status }) => status),
  ]);
}

const CHANGE = `update dispute_link_proposal p set score = n.score, reasons = n.reasons::text[], version = $4
from unnest($1::text[], $2::real[], $3::text[]) as n(id, score, reasons) where p.id = n.id and p.status = 'OPEN'`;

export interface ProposalChanges {
  readonly stored: readonly StoredProposal[];
  /** By `betweenDisputes`. */
  readonly wanted: ReadonlyMap<string, CandidateLink>;
}

/** Proposes what is missing, and takes back open questions that no longer stand. What is decided is left as it is. */
export async function keepProposals(
  tx: Tx,
  now: Date,
  { version }: LinkRule,
  { stored, wanted }: ProposalChanges,
): Promise<void> {
  const open = stored.filter(({ status }) => status === 'OPEN');
  const asked = new Set<string>();
  const settled: string[] = [];
  const changed: { id: string; link: CandidateLink }[] = [];
  // What the desk has raised stands first: it is asked once.
  for (const proposal of [...open].sort((a, b) => (a.origin === b.origin ? 0 : a.origin === 'INTAKE' ? -1 : 1))) {
    const { id, key, origin, stands } = proposal;
    const link = key === null ? undefined : wanted.get(key);
    const isKept =
      key !== null &&
      !asked.has(key) &&
      (origin === 'INTAKE' ? stands : link?.record.id === proposal.recordId && link.beside.id === proposal.besideId);
    if (!isKept) {
      settled.push(id);
      continue;
    }
    asked.add(key);
    if (
      origin === 'COMPARED' &&
      link &&
      (Math.fround(link.evidence.score) !== proposal.score || proposal.version !== version)
    )
      changed.push({ id, link });
  }
  if (settled.length > 0)
    await tx.query(`delete from dispute_link_proposal where id = any($1) and status = 'OPEN'`, [settled]);
  if (changed.length > 0)
    await tx.query(CHANGE, [
      changed.map(({ id }) => id),
      changed.map(({ link }) => link.evidence.score),
      changed.map(({ link }) => `{${link.evidence.reasons.join(',')}}`),
      version,
    ]);
  const missing = [...wanted].flatMap(([key, link]) => (asked.has(key) ? [] : [toProposal(link, 'OPEN')]));
  if (missing.length > 0) await insertProposals(tx, missing, version, now);
}
