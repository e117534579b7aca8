import { maskCitizenId, maskName, maskPhone } from '../../core/access/mask.ts';
import { requirePurpose } from '../../core/access/purpose.ts';
import { searchPersons, type PersonSearch } from '../../core/access/visible-person.ts';
import { describePerson, type DescribedMention, type PersonIdentity } from '../../core/people/describe-person.ts';
import { citizenIdHash, phoneHash } from '../../core/people/index-row.ts';
import { searchTokens } from '../../core/people/name-token.ts';
import { openCursor, pageSize, sealCursor, USUAL_PAGE } from '../../core/platform/cursor.ts';
import { badInput } from '../../core/platform/errors.ts';
import { cutPage, toConnection, type Connection } from '../kit/connection.ts';
import { selects } from '../kit/selection.ts';
import { contentOf } from './content.ts';
import { disputesOf, FIELDS_FROM_RECORDS } from './dispute.ts';
import { personGrant } from './grants.ts';
import type { PersonParent, RegistryContext } from './loaders.ts';
import type { PersonFilter, PersonResolvers, QueryResolvers } from './resolver-types.generated.ts';
import { personRecords } from './source-record.ts';
import { personTimeline } from './timeline.ts';

/** What the records the caller may read say of the person; opened once per request and person. */
const identities = new WeakMap<PersonParent, PersonIdentity>();

const described = (mention: PersonParent['mentions'][number], context: RegistryContext): DescribedMention => ({
  ...contentOf(mention, context),
  sex: mention.sex,
  at: mention.at,
  source: mention.source,
});

function identityOf(person: PersonParent, context: RegistryContext): PersonIdentity {
  let identity = identities.get(person);
  if (!identity) {
    identity = describePerson(person.mentions.map((mention) => described(mention, context)));
    identities.set(person, identity);
  }
  return identity;
}

const knowsWho = async (context: RegistryContext): Promise<boolean> =>
  (await context.basis()).fields.identity === 'CLEAR';

/** Of somebody who is protected from the caller (rule 7), only what the caller's own records have. */
const phonesOf = (person: PersonParent, context: RegistryContext): readonly string[] =>
  person.shielded
    ? describePerson(person.mentions.filter(({ own }) => own).map((mention) => described(mention, context))).phones
    : identityOf(person, context).phones;

const inClear = async (context: RegistryContext): Promise<boolean> =>
  (await context.basis()).fields.identifiers === 'CLEAR';

export const Person: PersonResolvers = {
  __resolveReference: ({ id }, context) => context.persons.load(id),
  courtGrant: (person, _, context) => personGrant(context, person, 'COURTS'),
  policeGrant: (person, _, context) => personGrant(context, person, 'POLICE'),
  petitionGrant: (person, _, context) => personGrant(context, person, 'PETITIONS'),
  civilAffairsGrant: (person, _, context) => personGrant(context, person, 'CIVIL_AFFAIRS'),
  async name(person, _, context) {
    const { name } = identityOf(person, context);
    return (await knowsWho(context)) ? name : maskName(name);
  },
  sex: async (person, _, context) => ((await knowsWho(context)) ? identityOf(person, context).sex : 'UNKNOWN'),
  birthDate: async (person, _, context) => ((await knowsWho(context)) ? identityOf(person, context).birthDate : null),
  async citizenId(person, _, context) {
    const { citizenId } = identityOf(person, context);
    const clear = await inClear(context);
    return citizenId === null || clear ? citizenId : maskCitizenId(citizenId);
  },
  async phones(person, _, context) {
    const phones = phonesOf(person, context);
    const clear = await inClear(context);
    return clear ? [...phones] : phones.map(maskPhone);
  },
  records: (person, _, context) => personRecords(person, context),
  disputes: (person, page, context, info) => disputesOf(context, person, page, info),
  timeline: (person, page, context) => personTimeline(context, person, page),
};

function toSearch(context: RegistryContext, filter: PersonFilter): Omit<PersonSearch, 'limit' | 'sources'> {
  const { keyring } = context.deps;
  const nameTokens = filter.name ? searchTokens(keyring, filter.name) : [];
  if (filter.name && nameTokens.length === 0) throw badInput('filter.name', '`name` has no letters in it.');
  const phone = filter.phone ? phoneHash(keyring, filter.phone) : null;
  if (filter.phone && phone === null) throw badInput('filter.phone', '`phone` has too few digits.');
  if (nameTokens.length === 0 && phone === null) throw badInput('filter', 'Give at least a name or a phone.');
  return {
    ...(nameTokens.length > 0 ? { nameTokens } : {}),
    ...(phone ? { phoneHash: phone } : {}),
    ...(filter.birthYear == null ? {} : { birthYear: filter.birthYear }),
    ...(filter.place == null ? {} : { placeId: filter.place }),
  };
}

/** The departments in whose records somebody may be looked for; of a role that looks for nobody, none. */
export const searchable = async (context: RegistryContext): Promise<string[]> => {
  const { search, sources } = (await context.basis()).fields;
  return search ? [...sources] : [];
};

const present = <T>(item: T | null | Error): item is T & NonNullable<unknown> =>
  item !== null && !(item instanceof Error);

async function persons(
  context: RegistryContext,
  filter: PersonFilter,
  asked: { first: number; after?: string | null | undefined },
): Promise<Connection<PersonParent>> {
  const { db, keyring } = context.deps;
  requirePurpose(context.caller);
  const first = pageSize(asked.first, USUAL_PAGE);
  const search = toSearch(context, filter);
  const after = asked.after ? { afterId: openCursor(keyring, 'persons', asked.after).id } : {};
  const { nodes: ids, hasNextPage } = cutPage(
    await searchPersons(db, context.caller, {
      ...search,
      ...after,
      sources: await searchable(context),
      limit: first + 1,
    }),
    first,
  );
  const found = await Promise.all(ids.map((id) => context.persons.load(id)));
  const nodes = found.filter(present);
  return toConnection({
    nodes,
    cursorOf: ({ id }) => sealCursor(keyring, 'persons', { sort: '', id }),
    hasNextPage,
    hasPreviousPage: Boolean(asked.after),
    totalCount: null,
  });
}

const DISPUTES = new Set(['disputes']);
const GRANTS = new Set(['courtGrant', 'policeGrant', 'petitionGrant', 'civilAffairsGrant']);

export const personQueries: Pick<QueryResolvers, 'person' | 'personByCitizenId' | 'persons'> = {
  person: (_, { id }, context) => context.persons.load(id),
  async personByCitizenId(_, { number }, context, info) {
    const hash = citizenIdHash(context.deps.keyring, number);
    if (hash === null)
      throw badInput(
        'number',
        'This is no citizen ID: its check digit or its form is wrong. Compare it with the card.',
      );
    // Several only while a review is open: the one with the most records is meant far more often.
    const disputes = selects(info, DISPUTES);
    const found = [
      ...(await context.personsByCitizenId(hash, {
        disputes,
        disputeRecords: disputes && selects(info, FIELDS_FROM_RECORDS),
        people: selects(info, GRANTS),
      })),
    ];
    const [person] = found.sort((a, b) => b.mentions.length - a.mentions.length);
    return person ?? null;
  },
  persons: (_, { filter, ...page }, context) => persons(context, filter, page),
};
