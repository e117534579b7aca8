/** What the registry's resolvers share in one request: who asks, what they may see, and one statement for many ids. */
import DataLoader from 'dataloader';
import type { Caller } from '../../core/access/caller.ts';
import { requirePurpose } from '../../core/access/purpose.ts';
import { decideFields, type FieldDecision } from '../../core/access/field-groups.ts';
import {
  findPersonsOfNumber,
  LINKS,
  loadKnownPeople,
  loadKnownPeopleOfNumber,
  loadVisiblePersons,
  type NamedPeople,
  type VisibleMention,
  type VisiblePerson,
} from '../../core/access/visible-person.ts';
import {
  loadDisputeRecords,
  loadDisputeRecordsOfNumber,
  loadDisputesOfNumber,
  loadDisputesOfPersons,
  loadDisputesOfRecords,
  loadRecordsBeside,
  loadVisibleDisputes,
  type DisputeRecord,
  type PersonDispute,
  type VisibleDispute,
} from '../../core/access/visible-dispute.ts';
import type { ReviewSide, VisibleReview } from '../../core/access/visible-review.ts';
import type { VisibleLinkProposal } from '../../core/access/visible-link-proposal.ts';
import { sightOf } from '../../core/access/role-view.ts';
import { loadReferralsOfDisputes, type DisputeReferral } from '../../core/referrals/read.ts';
import type { Link } from '../../core/audit/disclosure.ts';
import type { ComparedStreet } from '../../core/measures/compare-streets.ts';
import type { Organisation } from '../../core/organisations/organisation.ts';
import type { ReferenceData } from '../../core/organisations/reference-data.ts';
import { legalDay, type Clock } from '../../core/platform/clock.ts';
import type { Db } from '../../core/platform/db.ts';
import type { Keyring } from '../../core/platform/keyring.ts';
import { thisTurnOver } from '../../core/platform/turn.ts';
import type { ReadAhead, SubgraphContext } from '../../core/subgraph.ts';
import { group } from '../kit/group.ts';
import { forOnePerson } from './read-ahead.ts';

export interface RegistryDeps {
  readonly db: Db;
  readonly keyring: Keyring;
  readonly clock: Clock;
  readonly reference: ReferenceData;
}

/** What stands for this request: which fields, which departments, and up to when the index knows each of them. */
export interface Basis {
  readonly fields: FieldDecision;
  readonly indexedAt: ReadonlyMap<string, string>;
}

/** What is going to be asked of a person. A wrong guess costs a statement. */
export interface Next {
  readonly disputes: boolean;
  readonly disputeRecords: boolean;
  /** Who is named on their records and on those of their disputes. */
  readonly people: boolean;
}

export interface RegistryContext extends SubgraphContext {
  readonly deps: RegistryDeps;
  readonly caller: Caller;
  /** Why the caller may see whom: filled as persons are found, told to the gateway, which writes down whom an answer shows. */
  readonly links: ReadonlyMap<string, Link>;
  /** Told the whole list of one person's records at one department. */
  readonly ahead: ReadAhead;
  basis(): Promise<Basis>;
  /** By the id asked for; null when there is no such person for this caller. */
  readonly persons: DataLoader<string, VisiblePerson | null>;
  /**
   * By the keyed hash of a citizen ID; several only while a review is open. What `next` names is found at the same time, so
   * that who asks for it of these persons does not wait again.
   */
  personsByCitizenId(hash: Buffer, next: Next): Promise<readonly VisiblePerson[]>;
  /** By record: who on it is whom. */
  readonly people: DataLoader<string, NamedPeople>;
  readonly disputes: DataLoader<string, VisibleDispute | null>;
  readonly disputeRecords: DataLoader<string, readonly DisputeRecord[]>;
  /** Of all disputes in which this person is named: for who will ask `disputeRecords` and need not know the disputes first. */
  primeDisputeRecords(person: VisiblePerson): Promise<void>;
  readonly disputesOfPerson: DataLoader<string, readonly PersonDispute[]>;
  readonly disputeOfRecord: DataLoader<string, string | null>;
  readonly referralsOfDispute: DataLoader<string, readonly DisputeReferral[]>;
  readonly organisations: DataLoader<string, Organisation | null>;
  readonly organisationsByCode: DataLoader<string, Organisation | null>;
}

export type PersonParent = VisiblePerson;
export type DisputeParent = VisibleDispute;
export type OrganisationParent = Organisation;
export type CallerParent = Caller;

export interface PartyParent {
  readonly name: string;
  readonly role: string;
  readonly personId: string | null;
  readonly organisationId: string | null;
}

/** Why a record belongs where it does: to its person, or to its dispute. */
export type MatchRule = VisibleMention['matchedBy'] | 'CROSS_REFERENCE';

export interface SourceRecordParent {
  readonly recordId: string;
  readonly source: string;
  readonly kind: string;
  readonly keyCipher: Buffer;
  readonly own: boolean;
  readonly matchedBy: MatchRule;
  readonly score: number | null;
  readonly joinedAt: Date;
}

/** A department's record as a link: its department fills in the rest. */
export interface RecordParent {
  readonly id: string;
  readonly grant: string;
}

export type LinkProposalParent = VisibleLinkProposal;
export type ComparedStreetParent = ComparedStreet;

/** A referral is the referrals subgraph's to fill in. */
export interface ReferralStub {
  readonly id: string;
}

export type ReviewParent = VisibleReview;
export type SummaryParent = ReviewSide;
export interface ActorParent {
  /** Null: the software itself. */
  readonly organisationId: string | null;
  readonly name: string | null;
  readonly role: string;
}

export interface TimelineParent {
  readonly at: Date;
  readonly source: string;
  readonly kind: string;
  readonly id: string;
  /** The record to link to; null for an entry that is a dispute. */
  readonly record: { readonly keyCipher: Buffer; readonly marks: number; readonly own: boolean } | null;
}

const byKey = <K, V>(keys: readonly K[], found: ReadonlyMap<K, V>): (V | null)[] =>
  keys.map((key) => found.get(key) ?? null);

/** Begun before it is asked for: a failure is told to whoever asks, and to nobody when nobody does. */
function unlessAsked<T>(work: Promise<T>): Promise<T> {
  work.catch(() => undefined);
  return work;
}

const NOBODY: NamedPeople = { known: {} };

/**
 * Without a basis a department's records are not joined with others' (rule 3): what only they say is not known, and a
 * person known by nothing else is not there.
 */
export function onBasis(
  persons: ReadonlyMap<string, VisiblePerson>,
  { sources, joined }: Pick<FieldDecision, 'sources' | 'joined'>,
): ReadonlyMap<string, VisiblePerson> {
  const kept = new Map<string, VisiblePerson>();
  for (const [id, person] of persons) {
    const mentions = person.mentions.filter(({ source }) => sources.has(source));
    const link = LINKS.find((one) => person.mentions.some((by) => joined.has(by.source) && by.link === one));
    if (mentions.length > 0 && link) kept.set(id, { ...person, link, mentions });
  }
  return kept;
}

export function createRegistryContext(deps: RegistryDeps, caller: Caller, ahead?: ReadAhead): RegistryContext {
  const { db, clock, reference } = deps;
  const links = new Map<string, Link>();
  const noteLinks = (found: ReadonlyMap<string, VisiblePerson>): void => {
    for (const { id, link } of found.values()) links.set(id, link);
  };
  let basis: Promise<Basis> | null = null;
  const loadBasis = (): Promise<Basis> =>
    (basis ??= reference.bases().then(({ agreements, indexedAt }) => ({
      fields: decideFields(caller, agreements, legalDay(clock.business())),
      indexedAt,
    })));
  const persons = new DataLoader<string, VisiblePerson | null>(async (ids) => {
    requirePurpose(caller);
    const [found, { fields }] = await Promise.all([loadVisiblePersons(db, caller, ids), loadBasis()]);
    const shown = onBasis(found, fields);
    noteLinks(shown);
    return byKey(ids, shown);
  });
  const grouped = async (ids: readonly string[], records: readonly DisputeRecord[]): Promise<DisputeRecord[][]> => {
    const { fields } = await loadBasis();
    return group(
      ids,
      records.filter(({ source }) => fields.sources.has(source)),
      (row) => row.disputeId,
    );
  };
  const disputeRecords = new DataLoader<string, readonly DisputeRecord[]>(async (ids) => {
    requirePurpose(caller);
    return grouped(ids, await loadDisputeRecords(db, caller, ids));
  });
  const primeRecords = async (records: readonly DisputeRecord[]): Promise<void> => {
    const ids = [...new Set(records.map(({ disputeId }) => disputeId))];
    const groups = await grouped(ids, records);
    ids.forEach((id, index) => disputeRecords.prime(id, groups[index] ?? []));
  };
  /** By person: done when the records of all their disputes have been primed. */
  const primed = new Map<string, Promise<void>>();
  /** Being found for the whole view of somebody: who asks for one of these waits for it rather than asking again. */
  let comingPeople: Promise<ReadonlyMap<string, NamedPeople> | null> = Promise.resolve(null);
  const people = new DataLoader<string, NamedPeople>(async (recordIds) => {
    const come = (await comingPeople) ?? new Map<string, NamedPeople>();
    const others = recordIds.filter((id) => !come.has(id));
    const known = others.length > 0 ? await loadKnownPeople(db, caller, others) : come;
    return recordIds.map((id) => come.get(id) ?? known.get(id) ?? NOBODY);
  });
  const disputesOfPerson = new DataLoader<string, readonly PersonDispute[]>(async (ids) => {
    const { fields } = await loadBasis();
    return group(ids, await loadDisputesOfPersons(db, caller, ids, fields.sources), (row) => row.personId);
  });
  return {
    deps,
    caller,
    links,
    ahead: forOnePerson(ahead),
    basis: loadBasis,
    persons,
    async personsByCitizenId(hash, next) {
      requirePurpose(caller);
      const { fields } = await loadBasis();
      const number = { hash, sources: fields.search ? [...fields.sources] : [] };
      const finding = findPersonsOfNumber(db, caller, number);
      // A department is asked as soon as the person's records are known, and answers later than the database does: neither that nor
      // this program should be busy with anything else before, and one connection is enough for the rest.
      const rest = unlessAsked(
        finding
          .then(thisTurnOver)
          .then(() =>
            db.inTurn((q) =>
              Promise.all([
                next.people ? loadKnownPeopleOfNumber(q, caller, number) : null,
                next.disputes ? loadDisputesOfNumber(q, caller, number) : null,
                next.disputeRecords ? loadDisputeRecordsOfNumber(q, caller, number) : null,
              ]),
            ),
          ),
      );
      if (next.people) comingPeople = unlessAsked(rest.then(([named]) => named));
      const records = next.disputeRecords ? unlessAsked(rest.then(([, , of]) => primeRecords(of ?? []))) : null;
      const found = await finding;
      const shown = onBasis(found, fields);
      noteLinks(shown);
      // What is known of their disputes is waited for by whoever asks for it.
      for (const [id, person] of shown) {
        persons.prime(id, person);
        if (next.disputes)
          disputesOfPerson.prime(
            id,
            unlessAsked(rest.then(([, all]) => (all ?? []).filter(({ personId }) => personId === id))),
          );
        if (records) primed.set(id, records);
      }
      return [...shown.values()];
    },
    people,
    disputes: new DataLoader(async (ids) => {
      const { joined } = (await loadBasis()).fields;
      return byKey(ids, await loadVisibleDisputes(db, caller, ids, joined));
    }),
    disputeRecords,
    async primeDisputeRecords({ id, mentions }) {
      let done = primed.get(id);
      if (!done) {
        requirePurpose(caller);
        const ids = mentions.map(({ recordId }) => recordId);
        done = loadRecordsBeside(db, caller, ids).then(primeRecords);
        primed.set(id, done);
      }
      await done;
    },
    disputesOfPerson,
    disputeOfRecord: new DataLoader(async (ids) => {
      const { fields } = await loadBasis();
      return byKey(ids, await loadDisputesOfRecords(db, caller, ids, fields.sources));
    }),
    referralsOfDispute: new DataLoader(async (ids) =>
      group(
        ids,
        await loadReferralsOfDisputes(db, sightOf(caller, 'referral').organisationId, ids),
        (row) => row.disputeId,
      ),
    ),
    organisations: new DataLoader(async (ids) => byKey(ids, await reference.organisationsById(ids))),
    organisationsByCode: new DataLoader(async (codes) => byKey(codes, await reference.organisationsByCode(codes))),
  };
}
