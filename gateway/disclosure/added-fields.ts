/**
 * To say whom an answer shows, it must name them: to a client's document the gateway adds the ids that it does not ask for,
 * and takes them out of the answer again. No type of the API's schema is abstract (a test says so), so the schema tells what
 * each object is and `__typename` need not be asked.
 */
import { getNamedType, isCompositeType, Kind, TypeInfo, visit, visitWithTypeInfo } from 'graphql';
import type { DocumentNode, FieldNode, GraphQLSchema } from 'graphql';

/** Names that begin with the alias. */
type Added = (alias: string) => FieldNode | readonly FieldNode[];

const field = (alias: string, name: string, below?: FieldNode): FieldNode => ({
  kind: Kind.FIELD,
  alias: { kind: Kind.NAME, value: alias },
  name: { kind: Kind.NAME, value: name },
  ...(below && { selectionSet: { kind: Kind.SELECTION_SET, selections: [below] } }),
});

const id = (alias: string): FieldNode => field(alias, 'id');

/** By type: where its id, or that of whom it is about, is found. None costs a fetch that would not be made anyway. */
const ADDED: Readonly<Record<string, Added>> = {
  Person: id,
  CourtCase: id,
  PoliceIncident: id,
  Petition: id,
  CivilRecord: id,
  Dispute: id,
  Referral: id,
  // A department knows the ids of those it names. Of a dispute's parties the registry would have to look them up.
  CaseParty: (alias) => field(alias, 'person', id(alias)),
  RecordSummary: (alias) => field(alias, 'person', id(alias)),
  // How two agree tells of both.
  IdentityReview: (alias) => ['a', 'b'].map((side) => field(alias + side, side, field(alias, 'person', id(alias)))),
  ReferralChain: (alias) => field(alias, 'root', id(alias)),
  DisputeLinkProposal: (alias) => field(alias, 'dispute', id(alias)),
  // That somebody was found shows in a cursor and in a dispute that was not opened, too, and by many guesses who they are.
  PersonConnection: (alias) => field(alias, 'nodes', id(alias)),
  OpenDisputePayload: (alias) => field(alias, 'duplicates', id(alias)),
};

export interface PreparedDocument {
  readonly document: DocumentNode;
  /** No other name of the document begins so: whatever does in an answer was added. */
  readonly alias: string;
}

function freeName(document: DocumentNode): string {
  const names = new Set<string>();
  visit(document, { Name: ({ value }) => void names.add(value) });
  let name = 'disclosed';
  while ([...names].some((other) => other.startsWith(name))) name += '_';
  return name;
}

/** Of a valid document. */
export function addIds(document: DocumentNode, schema: GraphQLSchema): PreparedDocument {
  const alias = freeName(document);
  const types = new TypeInfo(schema);
  const prepared = visit(
    document,
    visitWithTypeInfo(types, {
      Field: {
        leave(node) {
          const type = types.getType();
          const named = type ? getNamedType(type) : null;
          const added = named && isCompositeType(named) ? ADDED[named.name] : undefined;
          if (!added || !node.selectionSet) return undefined;
          // Last, so that what is left without it is as fast to write as what never had it.
          const selections = [...node.selectionSet.selections, ...[added(alias)].flat()];
          return { ...node, selectionSet: { ...node.selectionSet, selections } };
        },
      },
    }),
  );
  return { document: prepared, alias };
}

/** Takes what was added out of an answer's data, in place. */
export function takeOut(alias: string, data: unknown): void {
  if (typeof data !== 'object' || data === null) return;
  if (Array.isArray(data)) {
    for (const item of data) takeOut(alias, item);
    return;
  }
  const object = data as Record<string, unknown>;
  for (const key of Object.keys(object))
    if (key.startsWith(alias)) delete object[key];
    else takeOut(alias, object[key]);
}

/** An error about an added field is about nothing that the client asked for. */
export const isAbout = (alias: string, path: readonly (string | number)[] | undefined): boolean =>
  path?.some((step) => typeof step === 'string' && step.startsWith(alias)) ?? false;
