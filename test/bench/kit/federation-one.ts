/**
 * Our subgraphs’ schemas as Federation 1 can say them, for a gateway that composes nothing newer: one owner for each entity, found by one
 * key, everybody else extending it; nothing shareable, nothing inaccessible. What can be asked stays the same.
 */
import { Kind, parse, visit } from 'graphql';
import type { ConstDirectiveNode, DefinitionNode, DocumentNode, ObjectTypeDefinitionNode } from 'graphql';
import type { SubgraphName } from '../../../subgraphs/kit/type-defs.ts';

const OWNERS: Readonly<Record<string, SubgraphName>> = {
  ...{ Person: 'registry', Organisation: 'registry', Dispute: 'registry', Referral: 'referrals' },
  ...{ CourtCase: 'courts', PoliceIncident: 'police', Petition: 'petitions' },
};
const NEWER = ['shareable', 'inaccessible'];
/** Departments know an office by its code; with a single key it has to be the one that the owner is asked by. */
const OFFICE = 'extend type Organisation @key(fields: "id") { id: ID! @external }';

const only = <T>(one: T | undefined): T[] => (one === undefined ? [] : [one]);

const isKey = ({ name }: ConstDirectiveNode): boolean => name.value === 'key';

function fieldsOfKey({ directives = [] }: ObjectTypeDefinitionNode): readonly string[] {
  const fields = directives.find(isKey)?.arguments?.find(({ name }) => name.value === 'fields')?.value;
  return fields?.kind === Kind.STRING ? fields.value.split(' ') : [];
}

const external: ConstDirectiveNode = { kind: Kind.DIRECTIVE, name: { kind: Kind.NAME, value: 'external' } };

/** Without `resolvable`, and only the first. */
const singleKey = (type: ObjectTypeDefinitionNode): ObjectTypeDefinitionNode => ({
  ...type,
  directives: only(type.directives?.find(isKey)).map((key) => ({
    ...key,
    arguments: (key.arguments ?? []).filter(({ name }) => name.value === 'fields'),
  })),
});

function extending(type: ObjectTypeDefinitionNode): DefinitionNode {
  const key = fieldsOfKey(type);
  const fields = (type.fields ?? []).map((field) =>
    key.includes(field.name.value) ? { ...field, directives: [external] } : field,
  );
  const { description: _description, ...rest } = type;
  return { ...rest, kind: Kind.OBJECT_TYPE_EXTENSION, fields };
}

function rewrite(definition: DefinitionNode, subgraph: SubgraphName): DefinitionNode[] {
  // Nothing is changed through these gateways.
  if (definition.kind === Kind.SCHEMA_EXTENSION) return [];
  if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION) return [definition];
  const name = definition.name.value;
  if (name === 'Mutation') return [];
  if (name === 'Query') return [extending(definition)];
  const owner = OWNERS[name];
  if (owner === undefined) return [definition];
  const type = singleKey(definition);
  if (owner === subgraph) return [type];
  return name === 'Organisation' ? [...parse(OFFICE).definitions] : [extending(type)];
}

export function toFederationOne(subgraph: SubgraphName, document: DocumentNode): DocumentNode {
  const older = visit(document, {
    Directive: ({ name }) => (NEWER.includes(name.value) ? null : undefined),
  });
  return { ...older, definitions: older.definitions.flatMap((definition) => rewrite(definition, subgraph)) };
}
