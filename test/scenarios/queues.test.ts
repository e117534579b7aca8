/** /queues: a supervisor sees why a job failed and tries it again; nobody else comes in. */
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { openInstallation, until, type Asker, type Installation } from '../kit/installation.ts';
import { handlerOf, OPERATOR, SUPERVISOR } from './county.ts';

interface Job {
  readonly id: string;
  readonly failedReason: string;
  readonly data: Readonly<Record<string, unknown>>;
}
interface ShownQueue {
  readonly name: string;
  readonly displayName: string;
  readonly jobs: readonly Job[];
}

let installation: Installation;
beforeAll(async () => {
  const { dataFolder, url } = inject('installation');
  installation = await openInstallation(dataFolder, url);
});
afterAll(async () => {
  await installation.department('courts').behave({ mode: 'heal' });
  await installation.close();
});

const call = async (path: string, who: Asker | null, init: RequestInit = {}): Promise<Response> =>
  fetch(new URL(`/queues${path}`, inject('installation').url), {
    ...init,
    headers: { ...(who && { authorization: `Bearer ${await installation.token(who)}` }), ...init.headers },
  });

/** What of a queue has failed, as the page is told. */
async function failedOf(queue: string): Promise<ShownQueue> {
  const all = async (active = ''): Promise<readonly ShownQueue[]> => {
    const response = await call(`/api/queues?status=failed&activeQueue=${encodeURIComponent(active)}`, SUPERVISOR);
    return ((await response.json()) as { queues: readonly ShownQueue[] }).queues;
  };
  // By the name that people read: on Redis the other one stands in braces.
  const name = (await all()).find(({ displayName }) => displayName === queue)?.name ?? '';
  const found = (await all(name)).find((shown) => shown.name === name);
  if (!found) throw new Error(`there is no queue ${queue}`);
  return found;
}

test('The page is for supervisors of the county’s centre', async () => {
  const statuses = [
    null,
    OPERATOR,
    handlerOf('police', { roles: ['department.head', 'centre.supervisor'] }),
    SUPERVISOR,
  ];
  const answers = await Promise.all(statuses.map((who) => call('', who)));
  expect(answers.map(({ status }) => status)).toEqual([401, 403, 403, 200]);
  expect(await answers[1]?.json()).toMatchObject({ status: 403, code: 'FORBIDDEN' });
  expect(await (await fetch(inject('installation').url)).text()).toContain('href="/queues"');
});

test('Whoever signed in by the demo’s link sees it in the browser', async () => {
  const cookie = `maplebridge_session=${await installation.token(SUPERVISOR)}`;
  expect((await call('', null, { headers: { cookie } })).status).toBe(200);
  const elsewhere = { cookie, 'sec-fetch-site': 'cross-site' };
  const retry = await call('/api/queues/ingest/retry/failed', null, { method: 'PUT', headers: elsewhere });
  expect(retry.status).toBe(403);
});

test('A job that failed says why, without anybody’s data, and is done when it is tried again', async () => {
  await installation.department('courts').behave({ mode: 'refuse' });
  const of = async (): Promise<{ queue: ShownQueue; job: Job } | null> => {
    const queue = await failedOf('ingest');
    const job = queue.jobs.find(({ data }) => data['id'] === 'COURTS');
    return job ? { queue, job } : null;
  };
  const { queue, job } = await until('reading the courts in has failed', of, 60_000);
  expect(job.failedReason).toMatch(/^SOURCE_UNAVAILABLE: /);
  expect(job.data).toEqual({ id: 'COURTS' });

  const path = `/api/queues/${encodeURIComponent(queue.name)}`;
  for (const act of [`${path}/${job.id}/clean`, `${path}/clean/failed`, `${path}/obliterate`, `${path}/pause`])
    expect((await call(act, SUPERVISOR, { method: 'PUT' })).status, act).toBe(403);

  await installation.department('courts').behave({ mode: 'heal' });
  expect((await call(`${path}/${job.id}/retry`, SUPERVISOR, { method: 'PUT' })).status).toBe(204);
  await until('it is done', async () => !(await failedOf('ingest')).jobs.some(({ id }) => id === job.id));
}, 120_000);
