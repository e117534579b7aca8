/**
 * Whom an answer shows, and what of them: from the answer itself, as it will be sent. Pure, and the same for a live push, which is
 * an answer of its own, and for a part that is sent later, which is handed in at its place within the ids of what it belongs to.
 */
import { getNamedType, getOperationAST, isObjectType } from 'graphql';
import type { DocumentNode, GraphQLObjectType, GraphQLSchema, SelectionSetNode } from 'graphql';
import { AppError } from '../../core/platform/errors.ts';
import {
  fieldsOf,
  fragmentsIn,
  isObject,
  objectsIn,
  valueOf,
  textsIn,
  type Answer,
  type Fragments,
} from './answer-fields.ts';
import { EXISTENCE, groupOf, MASKED_GROUPS } from './field-group.ts';
import { lookedUpIn, type LookUp } from './looked-up.ts';

/** As `Shown` of core/audit/disclosure.ts, but for the link, which only who resolved the person knows. */
export interface Seen {
  readonly personId: string | null;
  readonly recordId: string | null;
  readonly disputeId: string | null;
  readonly referralId: string | null;
  /** Sorted. */
  readonly fieldGroups: readonly string[];
  /** Under whom or what it stands in the answer: a person's id, or which link it is. */
  readonly under: string | null;
}

export interface SeenInAnswer {
  readonly seen: readonly Seen[];
  readonly lookedUp: readonly LookUp[];
}

type Place = Omit<Seen, 'fieldGroups'>;

const NOWHERE: Place = { personId: null, recordId: null, disputeId: null, referralId: null, under: null };

/** Below an object of this type, what is told is told of it. */
const ENTER: Readonly<Record<string, (place: Place, id: string) => Place>> = {
  Person: (place, personId) => ({ ...place, personId, under: personId }),
  CourtCase: (place, id) => enterRecord(place, id),
  PoliceIncident: (place, id) => enterRecord(place, id),
  Petition: (place, id) => enterRecord(place, id),
  CivilRecord: (place, id) => enterRecord(place, id),
  Dispute: (_, disputeId) => ({ ...NOWHERE, disputeId, under: 'DISPUTE' }),
  Referral: (_, referralId) => ({ ...NOWHERE, referralId, under: 'REFERRAL' }),
};

/** A record under a person is one of theirs; what they themselves were found through does not matter to it. */
const enterRecord = (place: Place, recordId: string): Place =>
  place.personId === null
    ? { ...place, recordId }
    : { ...NOWHERE, personId: place.personId, recordId, under: place.under };

const PARTIES: ReadonlySet<string> = new Set(['CaseParty', 'Party']);

/** What these tell is told of each person below. */
const OF_ALL_BELOW: ReadonlySet<string> = new Set(['IdentityReview']);

/** Rows by where they stand, each with the groups told there. */
function createRows() {
  const rows = new Map<string, { readonly place: Place; readonly groups: Set<string> }>();
  const at = (place: Place): Set<string> => {
    const { personId, recordId, disputeId, referralId } = place;
    const key = [personId, recordId, disputeId, referralId].join(' ');
    let row = rows.get(key);
    if (!row) rows.set(key, (row = { place, groups: new Set() }));
    return row.groups;
  };
  const subjectOf = ({ personId, recordId }: Place): string | null => personId ?? recordId;
  return {
    at,
    seen(): Seen[] {
      const told = new Set(
        [...rows.values()].flatMap(({ place, groups }) => (groups.size > 0 ? subjectOf(place) : [])),
      );
      return [...rows.values()]
        .filter(({ place, groups }) => groups.size > 0 || !told.has(subjectOf(place)))
        .map(({ place, groups }) => ({
          ...place,
          fieldGroups: groups.size > 0 ? [...groups].sort() : [EXISTENCE],
        }));
    },
  };
}

/** A masked identifier is not the identifier; of several values one in clear counts. */
const asShown = (group: string, value: unknown): string =>
  MASKED_GROUPS.has(group) && !textsIn(value).some((text) => !text.includes('*')) ? `${group}.masked` : group;

/**
 * `document` is the one that was answered, ids added (`addIds`); `data` the answer before they are taken out. Throws INTERNAL
 * for somebody who is shown without an id: what cannot be written down is not shown.
 */
export function disclosuresOf(
  document: DocumentNode,
  variables: Answer,
  schema: GraphQLSchema,
  data: Answer | null | undefined,
  operationName?: string | null,
): SeenInAnswer {
  const operation = getOperationAST(document, operationName);
  const root = operation && schema.getRootType(operation.operation);
  if (data === undefined || !operation || !root) return { seen: [], lookedUp: [] };
  const fragments = fragmentsIn(document);
  const lookedUp = lookedUpIn({ schema, operation, root, fragments }, variables, data);
  if (data === null) return { seen: [], lookedUp };
  const rows = createRows();
  const walk = createWalk(schema, fragments, rows.at);
  walk({ type: root, object: data, selectionSet: operation.selectionSet, place: NOWHERE, found: [] });
  return { seen: rows.seen(), lookedUp };
}

interface Visit {
  readonly type: GraphQLObjectType;
  readonly object: Answer;
  readonly selectionSet: SelectionSetNode;
  readonly place: Place;
  /** Groups that are told of whoever stands below (`search`). */
  readonly found: readonly string[];
}

const unnamed = (): AppError => new AppError('INTERNAL', 'Somebody would be shown who cannot be named in the books.');

function createWalk(schema: GraphQLSchema, fragments: Fragments, rowAt: (place: Place) => Set<string>) {
  const idIn = (object: Answer, type: string, selectionSet: SelectionSetNode): string | null => {
    for (const field of fieldsOf(selectionSet, type, fragments)) {
      const value = field.name.value === 'id' ? valueOf(object, field) : undefined;
      if (typeof value === 'string') return value;
    }
    return null;
  };

  /** The id of what `field` leads to, by whatever name the document asks for it. */
  const idBelow = (visit: Pick<Visit, 'object' | 'selectionSet'>, type: string, field: string, target: string) => {
    for (const node of fieldsOf(visit.selectionSet, type, fragments)) {
      const value = node.name.value === field ? valueOf(visit.object, node) : undefined;
      const id = isObject(value) && node.selectionSet ? idIn(value, target, node.selectionSet) : null;
      if (id !== null) return id;
    }
    return null;
  };

  const placeOf = ({ type, object, selectionSet, place, found }: Visit): Place => {
    const own = ENTER[type.name];
    if (own) {
      const id = idIn(object, type.name, selectionSet);
      if (id === null) throw unnamed();
      const entered = own(place, id);
      if (type.name !== 'Dispute' && type.name !== 'Referral') rowAt(entered);
      for (const group of found) rowAt(entered).add(group);
      return entered;
    }
    if (PARTIES.has(type.name)) {
      // By name only: then it is of the record or the dispute that somebody on it was shown.
      return { ...place, personId: idBelow({ object, selectionSet }, type.name, 'person', 'Person') };
    }
    if (type.name === 'RecordSummary') {
      const personId = idBelow({ object, selectionSet }, type.name, 'person', 'Person');
      if (personId === null) throw unnamed();
      const entered = { ...NOWHERE, personId, under: personId };
      for (const group of found) rowAt(entered).add(group);
      return entered;
    }
    if (type.name === 'ReferralChain') {
      const referralId = idBelow({ object, selectionSet }, type.name, 'root', 'Referral');
      return { ...NOWHERE, referralId, under: 'REFERRAL' };
    }
    if (type.name === 'DisputeLinkProposal') {
      const disputeId = idBelow({ object, selectionSet }, type.name, 'dispute', 'Dispute');
      return { ...NOWHERE, disputeId, under: 'DISPUTE' };
    }
    return place;
  };

  const groupsTold = ({ type, object, selectionSet }: Visit): string[] =>
    [...fieldsOf(selectionSet, type.name, fragments)].flatMap((field) => {
      const value = valueOf(object, field);
      return value === undefined || value === null ? [] : (groupOf(type.name, field.name.value) ?? []);
    });

  const walk = (visit: Visit): void => {
    const { type, object, selectionSet } = visit;
    const place = placeOf(visit);
    const isSubject = place !== visit.place;
    const toldOfAll = OF_ALL_BELOW.has(type.name) ? groupsTold(visit) : [];
    for (const field of fieldsOf(selectionSet, type.name, fragments)) {
      const name = field.name.value;
      const value = valueOf(object, field);
      if (value === undefined || value === null || name.startsWith('__')) continue;
      const group = groupOf(type.name, name);
      const somewhere = place.personId ?? place.recordId ?? place.disputeId ?? place.referralId;
      if (group !== null && somewhere !== null) rowAt(place).add(asShown(group, value));
      const below = getNamedType(type.getFields()[name]?.type);
      if (!field.selectionSet || !isObjectType(below)) continue;
      const found = [...(isSubject ? [] : visit.found), ...toldOfAll];
      const handedOn = group !== null && somewhere === null ? [...found, group] : found;
      for (const one of objectsIn(value))
        walk({ type: below, object: one, selectionSet: field.selectionSet, place, found: handedOn });
    }
  };
  return walk;
}
