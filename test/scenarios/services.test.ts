/** Each subgraph as a service of its own: refusing everybody but the gateway, and killed one after another. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { DepartmentName } from '../../demo/county/model.ts';
import { STAR_PERSON } from '../../demo/county/star.ts';
import { SUBGRAPHS, type SubgraphName } from '../../subgraphs/kit/type-defs.ts';
import { openInstallation, start, until, type Answer, type Installation, type Program } from '../kit/installation.ts';
import { OPERATOR, UNIFIED_VIEW, worthOf, type UnifiedView, type ViewOfPerson } from './county.ts';

interface Captured {
  readonly authorization: string;
  readonly body: string;
}

let installation: Installation;
let gateway: Program;
const services = new Map<SubgraphName, Program>();
/** Stands between the gateway and the courts, and listens. */
let tap: Server;
let captured: Captured | null = null;

const serviceOf = (name: SubgraphName): Program => {
  const service = services.get(name);
  if (service === undefined) throw new Error(`${name} is not running`);
  return service;
};

async function openTap(to: string): Promise<string> {
  tap = createServer((request, response) => {
    void (async () => {
      let body = '';
      for await (const part of request as AsyncIterable<Buffer>) body += part.toString();
      const { authorization = '' } = request.headers;
      captured = { authorization, body };
      const headers = { 'content-type': 'application/json', authorization };
      try {
        const answer = await fetch(`${to}${request.url ?? ''}`, { method: 'POST', headers, body });
        response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
      } catch {
        // The service is gone: so is the way to it.
        response.destroy();
      }
    })();
  });
  await new Promise<void>((resolve) => tap.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(tap.address() as AddressInfo).port}`;
}

const view = (): Promise<Answer<UnifiedView>> =>
  installation.ask<UnifiedView>(OPERATOR, UNIFIED_VIEW, { number: STAR_PERSON.citizenId }, gateway.url);

const send = async (name: SubgraphName, { authorization, body }: Partial<Captured>): Promise<number> => {
  const response = await fetch(`${serviceOf(name).url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(authorization === undefined ? {} : { authorization }) },
    body: body ?? '{"query":"{__typename}"}',
  });
  return response.status;
};

beforeAll(async () => {
  const { dataFolder, url } = inject('installation');
  installation = await openInstallation(dataFolder, url);
  await Promise.all(SUBGRAPHS.map(async (name) => services.set(name, await start(dataFolder, [name]))));
  const addresses = new Map(SUBGRAPHS.map((name) => [name, serviceOf(name).url]));
  addresses.set('courts', await openTap(serviceOf('courts').url));
  gateway = await start(dataFolder, ['gateway'], {
    MAPLEBRIDGE_SUBGRAPHS: [...addresses].map(([name, address]) => `${name}=${address}`).join(','),
  });
  await until('the services answer', async () =>
    Object.values(worthOf((await view()).data.personByCitizenId)).every((worth) => worth?.status === 'LIVE'),
  );
}, 120_000);
afterAll(async () => {
  await gateway.interrupt();
  await Promise.all([...services.values()].map((service) => service.interrupt()));
  tap.closeAllConnections();
  tap.close();
  await installation.close();
}, 60_000);

describe('A service refuses everybody but the gateway:', () => {
  const stolen = (): Captured => {
    if (captured === null) throw new Error('nothing was heard');
    return captured;
  };

  test.each(SUBGRAPHS)('%s answers nobody who brings no token, nor one of the gateway’s own callers', async (name) => {
    expect(await send(name, {})).toBe(401);
    expect(await send(name, { authorization: `Bearer ${await installation.token(OPERATOR)}` })).toBe(401);
  });

  test('a token taken from the wire opens no other subgraph', async () => {
    await view();
    for (const name of SUBGRAPHS.filter((other) => other !== 'courts')) expect(await send(name, stolen())).toBe(401);
  });

  test('nor the same one with another body, nor a body without it', async () => {
    await view();
    const { authorization, body } = stolen();
    expect(await send('courts', { authorization, body: body.replace('caseNumber', 'outcome') })).toBe(401);
    expect(await send('courts', { authorization, body: `${body} ` })).toBe(401);
    expect(await send('courts', { body })).toBe(401);
  });

  test('a person is answered with all four departments although each is asked by another process', async () => {
    const { data, errors } = await view();
    expect(errors).toEqual([]);
    expect(data.personByCitizenId?.name).toBe(STAR_PERSON.name);
  });
});

test('The gateway writes down whom it shows, and on what link, also when others resolve them', async () => {
  const { data, requestId } = await view();
  const lines = await installation.db.query<{ link: string | null; groups: string[] }>(
    'select link, field_groups as groups from disclosure where request_id = $1 and person_id = $2',
    [requestId, data.personByCitizenId?.id],
  );
  expect(lines.length).toBeGreaterThan(0);
  for (const { link } of lines) expect(link).toBe('DISPUTE');
  const groups = new Set(lines.flatMap((line) => line.groups));
  for (const group of ['identity', 'search', 'courts', 'police', 'petitions', 'civil-affairs'])
    expect(groups).toContain(group);
});

const PART: Readonly<Record<DepartmentName, keyof ViewOfPerson>> = {
  courts: 'courtCases',
  police: 'policeIncidents',
  petitions: 'petitions',
  'civil-affairs': 'civilAffairs',
};

/** What has been killed so far. */
const gone: DepartmentName[] = [];

describe('Subgraphs are killed one after another:', () => {
  test.each(Object.entries(PART) as [DepartmentName, keyof ViewOfPerson][])(
    'without %s, its part is null, SOURCE_UNAVAILABLE names the path, and the person is answered',
    async (name, part) => {
      await serviceOf(name).kill();
      const { data, errors, ms } = await view();
      expect(ms).toBeLessThan(1_500);
      expect(data.personByCitizenId?.name).toBe(STAR_PERSON.name);
      expect(data.personByCitizenId?.[part]).toBeNull();
      gone.push(name);
      expect(errors).toHaveLength(gone.length);
      for (const dead of gone) {
        expect(errors).toContainEqual(
          expect.objectContaining({
            path: ['personByCitizenId', PART[dead]],
            extensions: expect.objectContaining({ code: 'SOURCE_UNAVAILABLE' }),
          }),
        );
      }
      for (const [other, worth] of Object.entries(worthOf(data.personByCitizenId))) {
        expect(worth?.status, other).toBe(gone.includes(other as DepartmentName) ? undefined : 'LIVE');
      }
    },
    60_000,
  );

  test('one that is started again where it was is simply there again', async () => {
    const { port } = new URL(serviceOf('courts').url);
    services.set('courts', await start(installation.dataFolder, ['courts'], { PORT: port }));
    await until(
      'the courts are back',
      async () => worthOf((await view()).data.personByCitizenId).courts?.status === 'LIVE',
    );
  }, 60_000);

  test('without oversight, the question for the sources fails with its path and everything else is answered', async () => {
    await serviceOf('oversight').kill();
    const { errors } = await installation.ask(OPERATOR, '{ sources { code } }', {}, gateway.url);
    expect(errors).toMatchObject([{ path: ['sources'], extensions: { code: 'SOURCE_UNAVAILABLE' } }]);
    expect((await view()).data.personByCitizenId?.name).toBe(STAR_PERSON.name);
  });

  test('without the registry nobody is found, and that is said rather than shown as nobody', async () => {
    await serviceOf('registry').kill();
    const { data, errors } = await view();
    expect(data.personByCitizenId).toBeNull();
    expect(errors).toMatchObject([{ path: ['personByCitizenId'], extensions: { code: 'SOURCE_UNAVAILABLE' } }]);
  });
});
