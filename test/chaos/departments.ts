/** Before anything is disturbed: every department's system is registered, and has the secret by which it sends. */
import { randomUUID } from 'node:crypto';
import { createRandom } from '../../demo/county/random.ts';
import type { Asker } from '../kit/installation.ts';
import type { Api } from './api.ts';
import { CENTRE, DEPARTMENT_CODES, DEPARTMENTS, headOf, type DepartmentCode } from './county.ts';
import type { Notes } from './notes.ts';
import { openReceiver, type Receiver } from './receiver.ts';

export interface Departments {
  readonly receivers: ReadonlyMap<DepartmentCode, Receiver>;
  readonly secrets: ReadonlyMap<string, string>;
  readonly idOf: (code: string) => string;
}

const ORGANISATIONS = '{ organisations { nodes { id code } } }';
const REGISTER = `mutation ($input: WebhookEndpointInput!, $key: String!) {
  registerWebhookEndpoint(input: $input, idempotencyKey: $key) { secret } }`;
const ISSUE = `mutation ($organisation: ID!, $key: String!) {
  issueInboundSecret(organisation: $organisation, idempotencyKey: $key) { secret } }`;

const FIRST_STREAM = 100;

export async function openDepartments(
  api: Api,
  notes: Notes,
  { seed, doubles }: { readonly seed: number; readonly doubles: number },
): Promise<Departments> {
  const must = async <Data>(who: Asker, query: string, variables: object): Promise<Data> => {
    const { data, code } = await api.ask<Data>(who, query, variables);
    if (data === null) throw new Error(`the departments could not be registered: ${String(code)}`);
    return data;
  };
  const { organisations } = await must<{ organisations: { nodes: { id: string; code: string }[] } }>(
    ...[CENTRE, ORGANISATIONS, {}],
  );
  const ids = new Map(organisations.nodes.map(({ id, code }) => [code, id]));
  const idOf = (code: string): string => {
    const id = ids.get(code);
    if (id === undefined) throw new Error(`There is no ${code}.`);
    return id;
  };
  const receivers = new Map<DepartmentCode, Receiver>();
  const secrets = new Map<string, string>();
  for (const [index, org] of DEPARTMENT_CODES.entries()) {
    const temper = DEPARTMENTS[org];
    const lot = createRandom(seed, FIRST_STREAM + index);
    const receiver = await openReceiver({ org, temper, lot, doubles: temper === 'fails' ? doubles : 0, notes });
    const head = headOf(org);
    const input = { organisation: idOf(org), url: receiver.url, types: ['*'] };
    const registered = await must<{ registerWebhookEndpoint: { secret: string } }>(head, REGISTER, {
      ...{ input, key: randomUUID() },
    });
    receiver.trust(registered.registerWebhookEndpoint.secret);
    const issued = await must<{ issueInboundSecret: { secret: string } }>(head, ISSUE, {
      ...{ organisation: idOf(org), key: randomUUID() },
    });
    secrets.set(org, issued.issueInboundSecret.secret);
    receivers.set(org, receiver);
  }
  return { receivers, secrets, idOf };
}
