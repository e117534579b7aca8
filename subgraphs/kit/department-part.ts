/**
 * A department's part of an answer, the same for every department: open the grant, read the page's records in one call
 * together with everybody else's of this request, and say what the answer is worth.
 */
import DataLoader from 'dataloader';
import type { Caller } from '../../core/access/caller.ts';
import {
  isGuardedSince,
  issueGrant,
  openGrant,
  toldParticipants,
  type Grant,
  type GrantedRecord,
} from '../../core/access/grant.ts';
import type { DepartmentRecord, Participant } from '../../core/department-record.ts';
import type { Department, Freshness } from '../../core/department.ts';
import type { Clock } from '../../core/platform/clock.ts';
import { openCursor, pageSize, sealCursor, USUAL_PAGE } from '../../core/platform/cursor.ts';
import type { Keyring } from '../../core/platform/keyring.ts';
import type { SubgraphContext } from '../../core/subgraph.ts';
import { toConnection, type Connection } from './connection.ts';

export interface PartDeps<R extends DepartmentRecord> {
  readonly department: Department<R>;
  readonly keyring: Keyring;
  readonly clock: Clock;
}

interface Loaded<R extends DepartmentRecord> {
  /** Null when the department does not hold it (any more), or nothing could be had. */
  readonly record: R | null;
  readonly freshness: Freshness;
}

/** One per request: keys asked for in the same tick go to the department in one call. */
export interface PartContext<R extends DepartmentRecord> extends SubgraphContext {
  readonly deps: PartDeps<R>;
  readonly caller: Caller;
  readonly records: DataLoader<string, Loaded<R>>;
}

/** A record as it is shown: what the department holds, and whom of it this caller may know. */
export interface Shown<R extends DepartmentRecord> {
  readonly id: string;
  readonly record: R;
  readonly granted: GrantedRecord;
  readonly freshness: Freshness;
}

export interface PageArguments {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
}

export interface PartPage<R extends DepartmentRecord> extends Connection<Shown<R>> {
  readonly freshness: Freshness;
  readonly withheld: { readonly count: number; readonly reason: string } | null;
}

export interface CaseParty {
  readonly name: string;
  readonly role: string;
  readonly person: { readonly __typename: 'Person'; readonly id: string } | null;
}

const UNAVAILABLE: Freshness = { status: 'UNAVAILABLE', asOf: null };

export function createPartContext<R extends DepartmentRecord>(deps: PartDeps<R>, caller: Caller): PartContext<R> {
  const records = new DataLoader<string, Loaded<R>>(async (keys) => {
    // One record that cannot be had costs the list it stands in, not those of everybody else on the page.
    const reading = await deps.department.read(keys, { priority: 'interactive', partial: true });
    return keys.map((key) => ({
      record: reading.records.get(key) ?? null,
      freshness: reading.unread?.has(key) ? UNAVAILABLE : reading.freshness,
    }));
  });
  return { deps, caller, records, expect: (keys) => void records.loadMany([...keys]) };
}

/** Nothing to ask the department for: what the index knows is the answer, as old as the last reading-in. */
const ofIndex = (grant: Grant): Freshness =>
  grant.indexedAt === null ? UNAVAILABLE : { status: 'CACHED', asOf: grant.indexedAt };

async function show<R extends DepartmentRecord>(
  context: PartContext<R>,
  grant: Grant,
  granted: readonly GrantedRecord[],
): Promise<{ readonly shown: Shown<R>[]; readonly guarded: number; readonly freshness: Freshness }> {
  if (granted.length === 0) return { shown: [], guarded: 0, freshness: ofIndex(grant) };
  const loaded = await context.records.loadMany(granted.map((entry) => entry.key));
  const shown: Shown<R>[] = [];
  let freshness: Freshness = UNAVAILABLE;
  let guarded = 0;
  for (const [index, entry] of granted.entries()) {
    const answer = loaded[index];
    if (answer instanceof Error) throw answer;
    if (!answer) continue;
    // A list is whole or not there at all: half of it would look like all of it.
    if (answer.freshness.status === 'UNAVAILABLE') return { shown: [], guarded, freshness: UNAVAILABLE };
    freshness = answer.freshness;
    if (answer.record && isGuardedSince(context.caller, entry, answer.record)) guarded += 1;
    else if (answer.record) shown.push({ id: entry.id, record: answer.record, granted: entry, freshness });
  }
  return { shown, guarded, freshness };
}

/** A page of the records of one grant; `list` names the list for its cursors. A null grant shows nothing: the link is null. */
export async function readPage<R extends DepartmentRecord>(
  context: PartContext<R>,
  grantText: string | null | undefined,
  list: string,
  page: PageArguments,
): Promise<PartPage<R> | null> {
  if (!grantText) return null;
  const { deps, caller } = context;
  const grant = openGrant(deps, deps.department.code, caller, grantText);
  const first = pageSize(page.first, USUAL_PAGE);
  const begin = page.after ? indexAfter(grant, openCursor(deps.keyring, list, page.after)) : 0;
  const granted = grant.records.slice(begin, begin + first);
  const { shown, guarded, freshness } =
    grant.refused === null ? await show(context, grant, granted) : { shown: [], guarded: 0, freshness: UNAVAILABLE };
  const known = freshness.status !== 'UNAVAILABLE';
  return {
    ...toConnection({
      nodes: shown,
      cursorOf: ({ granted: { at, id } }) => sealCursor(deps.keyring, list, { sort: at, id }),
      hasNextPage: known && begin + first < grant.records.length,
      hasPreviousPage: begin > 0,
      totalCount: known ? grant.records.length - guarded : null,
    }),
    freshness,
    withheld: grant.withheld > 0 ? { count: grant.withheld, reason: '涉密: classified by its owner' } : null,
  };
}

/** Grants list the newest first; a cursor's row may have gone in the meantime, its place remains. */
function indexAfter(grant: Grant, position: { readonly sort: string; readonly id: string }): number {
  const index = grant.records.findIndex(
    ({ at, id }) => at < position.sort || (at === position.sort && id < position.id),
  );
  return index === -1 ? grant.records.length : index;
}

/** One record reached as an entity, by the grant in its key. Null when its department does not hold it or does not answer. */
export async function readEntity<R extends DepartmentRecord>(
  context: PartContext<R>,
  reference: { readonly id: string; readonly grant: string },
): Promise<Shown<R> | null> {
  const grant = openGrant(context.deps, context.deps.department.code, context.caller, reference.grant);
  const granted = grant.records.filter((entry) => entry.id === reference.id);
  const { shown } = await show(context, grant, granted);
  return shown[0] ?? null;
}

/** A grant for just this record, for whoever follows a link from it. */
export const grantFor = <R extends DepartmentRecord>({ deps, caller }: PartContext<R>, { granted }: Shown<R>): string =>
  issueGrant(deps, deps.department.code, caller, { records: [granted], withheld: 0, refused: null, indexedAt: null });

export const toParty = <R extends DepartmentRecord>({ granted }: Shown<R>, participant: Participant): CaseParty => {
  const person = granted.people[participant.ref];
  return {
    name: participant.name,
    role: participant.role,
    person: person === undefined ? null : { __typename: 'Person', id: person },
  };
};

/** Everybody named on it whom the caller may be told. */
export const toParties = <R extends DepartmentRecord>(shown: Shown<R>): CaseParty[] =>
  toldParticipants(shown.granted, shown.record).map((participant) => toParty(shown, participant));

/** A link to an organisation by its code; the registry fills in the rest. */
export const toOrganisation = (
  code: string | null,
): { readonly __typename: 'Organisation'; readonly code: string } | null =>
  code === null ? null : { __typename: 'Organisation', code };
