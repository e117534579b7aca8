import type { GraphQLResolveInfo } from 'graphql';
import { maskName } from '../../core/access/mask.ts';
import { searchDisputes, type DisputeMention, type DisputeSearch } from '../../core/access/visible-dispute.ts';
import { categoriesNamed, titleOf } from '../../core/disputes/category.ts';
import { openMissingDocuments, openText, openTitle } from '../../core/disputes/dispute-text.ts';
import { moreTelling, partyRoleOf, type PartyRole } from '../../core/disputes/party-role.ts';
import { findPlacesNamed } from '../../core/organisations/organisation.ts';
import { openMention } from '../../core/people/index-row.ts';
import { openCursor, pageSize, sealCursor, USUAL_PAGE } from '../../core/platform/cursor.ts';
import { given } from '../kit/given.ts';
import { cutPage, toConnection, type Connection } from '../kit/connection.ts';
import type { PageArguments } from '../kit/department-part.ts';
import { selects } from '../kit/selection.ts';
import { disputeGrant } from './grants.ts';
import type { DisputeParent, PartyParent, PersonParent, RegistryContext } from './loaders.ts';
import type { DisputeFilter, DisputeResolvers, PartyResolvers, QueryResolvers } from './resolver-types.generated.ts';
import { disputeRecords } from './source-record.ts';
import { disputeTimeline } from './timeline.ts';

/** Everybody named on its records, each once, with the part that tells most. */
async function partiesOf(context: RegistryContext, dispute: DisputeParent): Promise<PartyParent[]> {
  const { keyring } = context.deps;
  const isMasked = (await context.basis()).fields.identity === 'MASKED';
  const nameOf = (mention: DisputeMention): string => {
    const { name } = openMention(keyring, mention);
    return isMasked && mention.personId !== null ? maskName(name) : name;
  };
  const parties = new Map<string, PartyParent & { role: PartyRole }>();
  for (const record of await context.disputeRecords.load(dispute.id)) {
    if (record.withheld) continue;
    for (const mention of record.mentions) {
      const key = mention.personId ?? mention.organisationId ?? mention.mentionId;
      const role = partyRoleOf(record.source, mention.role);
      const known = parties.get(key);
      parties.set(key, {
        name: known?.name ?? nameOf(mention),
        role: known ? moreTelling(known.role, role) : role,
        personId: mention.personId,
        organisationId: mention.organisationId,
      });
    }
  }
  return [...parties.values()];
}

export const Dispute: DisputeResolvers = {
  __resolveReference: ({ id }, context) => context.disputes.load(id),
  courtGrant: (dispute, _, context) => disputeGrant(context, dispute, 'COURTS'),
  policeGrant: (dispute, _, context) => disputeGrant(context, dispute, 'POLICE'),
  petitionGrant: (dispute, _, context) => disputeGrant(context, dispute, 'PETITIONS'),
  // What somebody wrote names people and their homes: whoever is not to know them has the category.
  title: async (dispute, _, context) =>
    dispute.homeHidden || (await context.basis()).fields.identity === 'MASKED'
      ? titleOf(dispute.category, null)
      : openTitle(context.deps.keyring, dispute),
  place: (dispute, _, context) =>
    dispute.placeId === null || dispute.homeHidden ? null : context.organisations.load(dispute.placeId),
  address: async (dispute, _, context) =>
    dispute.addressCipher === null || dispute.homeHidden || (await context.basis()).fields.identity === 'MASKED'
      ? null
      : openText(context.deps.keyring, dispute, 'address', dispute.addressCipher),
  // What is missing names people as a title does.
  missingDocuments: async (dispute, _, context) =>
    dispute.homeHidden || (await context.basis()).fields.identity === 'MASKED'
      ? []
      : [...openMissingDocuments(context.deps.keyring, dispute)],
  parties: (dispute, _, context) => partiesOf(context, dispute),
  records: (dispute, _, context) => disputeRecords(context, dispute),
  timeline: (dispute, page, context) => disputeTimeline(context, dispute, page),
};

export const Party: PartyResolvers = {
  person: ({ personId }, _, context) => (personId === null ? null : context.persons.load(personId)),
  organisation: ({ organisationId }, _, context) =>
    organisationId === null ? null : context.organisations.load(organisationId),
};

const toPage = (
  context: RegistryContext,
  list: string,
  rows: readonly DisputeParent[],
  first: number,
  page: { readonly hasPreviousPage: boolean; readonly totalCount: number | null },
): Connection<DisputeParent> =>
  toConnection({
    ...cutPage(rows, first),
    ...page,
    cursorOf: ({ openedAt, id }) => sealCursor(context.deps.keyring, list, { sort: openedAt.toISOString(), id }),
  });

/** Fields of a dispute that are told by its records. */
export const FIELDS_FROM_RECORDS = new Set([
  'parties',
  'records',
  'timeline',
  'courtGrant',
  'policeGrant',
  'petitionGrant',
]);

/** The disputes of one person, of those the caller may see. */
export async function disputesOf(
  context: RegistryContext,
  person: PersonParent,
  { first, after }: PageArguments,
  info: GraphQLResolveInfo,
): Promise<Connection<DisputeParent>> {
  const size = pageSize(first, USUAL_PAGE);
  const list = `Person.disputes ${person.id}`;
  const [all] = await Promise.all([
    context.disputesOfPerson.load(person.id),
    // At once, not after: whoever asks for a person's disputes mostly asks who is in them.
    selects(info, FIELDS_FROM_RECORDS) ? context.primeDisputeRecords(person) : null,
  ]);
  const position = after ? openCursor(context.deps.keyring, list, after) : null;
  const rest = all.filter(
    ({ openedAt, id }) =>
      !position ||
      openedAt.toISOString() < position.sort ||
      (openedAt.toISOString() === position.sort && id < position.id),
  );
  const rows = rest.slice(0, size + 1);
  for (const row of rows) context.disputes.prime(row.id, row);
  return toPage(context, list, rows, size, { hasPreviousPage: position !== null, totalCount: all.length });
}

/** A dispute's number, or a word out of a category's or a place's name. */
async function textSearch(context: RegistryContext, text: string | null | undefined): Promise<Partial<DisputeSearch>> {
  const word = text?.trim();
  if (!word) return {};
  const places = await findPlacesNamed(context.deps.db, word);
  return { number: word.toUpperCase(), textCategories: categoriesNamed(word), textPlaceIds: places };
}

async function disputes(
  context: RegistryContext,
  filter: DisputeFilter | null | undefined,
  descending: boolean,
  { first, after }: PageArguments,
): Promise<Connection<DisputeParent>> {
  const size = pageSize(first, USUAL_PAGE);
  const list = `disputes ${descending ? 'desc' : 'asc'}`;
  const position = after ? openCursor(context.deps.keyring, list, after) : null;
  const { stage, category, urgency, place, openedFrom, openedTo } = filter ?? {};
  const rows = await searchDisputes(context.deps.db, context.caller, {
    ...given({ stage, category, urgency, openedFrom, openedTo, placeId: place }),
    ...(await textSearch(context, filter?.text)),
    sources: (await context.basis()).fields.joined,
    ...(position ? { after: { openedAt: new Date(position.sort), id: position.id } } : {}),
    order: descending ? 'desc' : 'asc',
    limit: size + 1,
  });
  for (const row of rows) context.disputes.prime(row.id, row);
  return toPage(context, list, rows, size, { hasPreviousPage: position !== null, totalCount: null });
}

export const disputeQueries: Pick<QueryResolvers, 'dispute' | 'disputes'> = {
  dispute: (_, { id }, context) => context.disputes.load(id),
  // Without clocks no dispute has a deadline, so by deadline means newest first.
  disputes: (_, { filter, orderBy, ...page }, context) => disputes(context, filter, orderBy !== 'OPENED_ASC', page),
};
