/** Reading and changing `@join__type` and `@join__field` of a supergraph's SDL. */
import { Kind, parse } from 'graphql';
import type {
  ConstArgumentNode,
  ConstDirectiveNode,
  ConstValueNode,
  OperationDefinitionNode,
  SelectionSetNode,
} from 'graphql';

export const argumentOf = (directive: ConstDirectiveNode, name: string): ConstValueNode | undefined =>
  directive.arguments?.find((argument) => argument.name.value === name)?.value;

/** Null where it is not given. */
export function textOf(directive: ConstDirectiveNode, name: string): string | null {
  const value = argumentOf(directive, name);
  return value?.kind === Kind.STRING ? value.value : null;
}

export function flagOf(directive: ConstDirectiveNode, name: string): boolean | null {
  const value = argumentOf(directive, name);
  return value?.kind === Kind.BOOLEAN ? value.value : null;
}

/** The subgraph's value of `join__Graph`; empty where a directive is about all of them. */
export function graphOf(directive: ConstDirectiveNode): string {
  const value = argumentOf(directive, 'graph');
  return value?.kind === Kind.ENUM ? value.value : '';
}

export function withArgument(directive: ConstDirectiveNode, name: string, text: string): ConstDirectiveNode {
  const replaced = (argument: ConstArgumentNode): ConstArgumentNode =>
    argument.name.value === name ? { ...argument, value: { kind: Kind.STRING, value: text } } : argument;
  return { ...directive, arguments: (directive.arguments ?? []).map(replaced) };
}

/** What a `key` or `requires` says. */
export const fieldSet = (text: string): SelectionSetNode =>
  (parse(`{${text}}`, { noLocation: true }).definitions[0] as OperationDefinitionNode).selectionSet;
