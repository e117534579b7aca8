/** What happens by itself: messages that come in and go out, clocks, the desk's tasks, departments read in. */
import { join } from 'node:path';
import { loadRules } from '../../core/calendar/load-rules.ts';
import { disableDead } from '../../core/delivery/disable.ts';
import { projectRoot } from '../../core/platform/project-root.ts';
import { retain } from '../../core/retention/retain.ts';
import type { FaultyOffice, SweepName } from '../kit/faulty-office.ts';
import { citizenId, participant, record } from '../kit/paper-department.ts';
import type { Found, Step } from './step.ts';
import { act, carry, found, newKey, openReferral, openDispute, register, story } from './story.ts';

const rules = loadRules(join(projectRoot, 'schema', 'rules'));

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const note = '已联系双方。';

/** One job of this queue, and whatever is said while it runs waits for the sweeps. */
const job = async (office: FaultyOffice, queue: string, id: string): Promise<void> => {
  await office.queues.queue(queue).look(id, 0);
  await office.queues.handOver(queue);
};

const swept = async (office: FaultyOffice, name: SweepName): Promise<void> => {
  await office.sweep(name);
  await office.queues.handOver(name);
};

/** Two acts whose messages nobody has carried yet: in each lane one waits behind the other. */
async function untold(office: FaultyOffice): Promise<string> {
  const id = await story(office);
  for (const name of ['acceptReferral', 'reportProgress'] as const) {
    const { version } = await found(office, id);
    await act(office, name, { organisation: 'police' }, { id, expectedVersion: version, note }, newKey());
  }
  office.queues.forgetAll();
  return id;
}

/** The same, one of them a delivery to the police that can be sent. */
async function unsent(office: FaultyOffice): Promise<string> {
  await job(office, 'dispatch', await untold(office));
  office.queues.forgetAll();
  const { id } = await office.db.one<{ id: string }>(
    `select d.id from delivery d join webhook_endpoint e on e.id = d.endpoint_id
     where d.status = 'PENDING' and e.organisation_id = 'police'`,
    [],
  );
  return id;
}

const POLICE_ENDPOINT = `webhook_endpoint set failures = $1, failing_since = $2, next_probe_at = $2 where organisation_id = 'police'`;

/** The police's endpoint has failed so often in a row, since then. */
const failing = (office: FaultyOffice, failures: number, since: number): Promise<unknown> =>
  office.db.query(`update ${POLICE_ENDPOINT}`, [failures, new Date(office.clock.wall().getTime() - since)]);

const sent = (
  name: string,
  status: number | null,
  before: (office: FaultyOffice, id: string) => Promise<unknown>,
): Step => ({
  name,
  isRepeated: false,
  async prepare(office) {
    const id = await unsent(office);
    await before(office, id);
    return { id };
  },
  run(office, { id = '' }) {
    if (status !== 204) office.answers.set('/police', status);
    return job(office, 'deliver', id);
  },
});

const deliveries: readonly Step[] = [
  sent('deliver', 204, async () => undefined),
  sent('deliver to one that refuses the message', 422, async () => undefined),
  sent('deliver to one that wants no more', 410, async () => undefined),
  sent('deliver for the last time', 500, async (office, id) => {
    await failing(office, 9, 2 * DAY);
    await office.db.query(`update delivery set attempts = 9, status = 'RETRYING' where id = $1`, [id]);
  }),
  sent('deliver to one that is back after an outage', 204, (office) => failing(office, 3, HOUR)),
  sent('leave out what the receiver may not hear any more', 204, (office) =>
    office.db.query(`update dispute set accused_ids = '{police}'`, []),
  ),
  {
    // The endpoint is well again when the sweeps look.
    name: 'deliver to one that fails',
    isRepeated: false,
    prepare: async (office) => ({ id: await unsent(office) }),
    async run(office, { id = '' }) {
      office.answers.set('/police', 500);
      await job(office, 'deliver', id).finally(() => office.answers.clear());
    },
  },
  {
    name: 'give back what was being sent when the worker stopped',
    isRepeated: false,
    prepare: async (office) => ({ id: await unsent(office) }),
    async run(office, { id = '' }) {
      const stopped = new AbortController();
      office.onTaken = () => stopped.abort();
      await office.deliver.deliver(id, stopped.signal).finally(() => (office.onTaken = () => undefined));
    },
  },
  {
    name: 'disable one that has failed for five days',
    isRepeated: false,
    async prepare(office) {
      await unsent(office);
      await failing(office, 9, 6 * DAY);
      return {};
    },
    run: (office) => disableDead(office.productDb, office.clock.wall()),
  },
  {
    name: 'open tasks at the desk',
    isRepeated: false,
    async prepare(office) {
      await unsent(office);
      office.clock.advance('business', 20 * HOUR);
      // An hour from now: not by the sweep that opens the tasks.
      await office.db.query(`update ${POLICE_ENDPOINT}`, [3, new Date(office.clock.wall().getTime() + HOUR)]);
      return {};
    },
    run: (office) => swept(office, 'deliver'),
  },
  {
    name: 'forget old attempts',
    // By its own sweep, a quarter of an hour later.
    isRepeated: true,
    async prepare(office) {
      await story(office);
      office.clock.advance('wall', 100 * DAY);
      return {};
    },
    run: (office) => retain(office.productDb, rules, office.clock.wall(), { alwaysOnly: true }),
  },
];

const whole: readonly Step[] = [
  {
    name: 'dispatch',
    isRepeated: false,
    prepare: async (office) => ({ id: await untold(office) }),
    run: (office, { id = '' }) => job(office, 'dispatch', id),
  },
  {
    name: 'carry everything that waits',
    isRepeated: false,
    prepare: async (office) => ({ id: await untold(office) }),
    async run(office) {
      await office.sweep();
      await office.queues.handOver();
    },
  },
  {
    name: 'let clocks speak',
    isRepeated: false,
    async prepare(office) {
      const id = await story(office);
      office.clock.advance('business', 8 * DAY);
      return { id };
    },
    run: (office) => swept(office, 'clocks'),
  },
];

/** What is posted again until it is taken. */
const posted = (name: string, type: string, data: (id: string) => object): Step => ({
  name,
  isRepeated: true,
  async prepare(office) {
    const id = await story(office);
    return { id, message: newKey() };
  },
  async run(office, { id = '', message = '' }) {
    const status = await office.post('police', message, type, data(id));
    if (status !== 202) throw new Error(`It was answered ${status}.`);
  },
});

/** What was taken and is applied now. */
const applied = (
  name: string,
  type: string,
  data: (id: string) => object,
  from = 'police',
  before: (office: FaultyOffice) => Promise<unknown> = async () => undefined,
): Step => ({
  name,
  isRepeated: false,
  async prepare(office): Promise<Found> {
    const id = await story(office);
    await before(office);
    await office.post(from, newKey(), type, data(id));
    // A second one waits behind it in its lane.
    if (from === 'police') await office.post(from, newKey(), 'referral.progress', { id, note });
    office.queues.forgetAll();
    return office.db.one(`select id from inbox where status = 'ACCEPTED' order by position limit 1`, []);
  },
  run: (office, { id = '' }) => job(office, 'inbox', id),
});

const report = () => ({
  ...{
    title: '拖欠工资',
    description: '拖欠三个月。',
    category: 'LABOUR',
    channel: 'HOTLINE_12345',
    place: 'compound',
  },
  parties: [{ name: '李小红', role: 'APPLICANT', phone: '13800000002' }],
});

const incoming: readonly Step[] = [
  posted('receive', 'referral.accept', (id) => ({ id })),
  applied('apply referral.accept', 'referral.accept', (id) => ({ id, note })),
  applied('apply referral.feedback, which cannot be yet', 'referral.feedback', (id) => ({
    ...{ id, outcome: 'SETTLED', text: '已和解。' },
    partiesInformed: [{ party: '申请人', how: '电话', at: '2026-08-31T09:00:00Z' }],
  })),
  applied('apply dispute.open', 'dispute.open', report),
  applied('apply dispute.open of one that is there', 'dispute.open', report, 'police', async (office) => {
    await office.post('police', newKey(), 'dispute.open', report());
    await carry(office);
  }),
  applied(
    'apply record.changed',
    'record.changed',
    () => ({ key: 'c1', kind: 'DISPUTE', changedAt: '2026-09-01T00:00:00Z' }),
    'court',
  ),
];

const reading: Step = {
  name: 'read a department in',
  isRepeated: false,
  async prepare(office) {
    await register(office, 'police', newKey());
    const { dispute } = (await openDispute(office, 'centre', newKey())).openDispute;
    await openReferral(office, dispute.id, newKey());
    await carry(office);
    const people = [participant('1', { name: '王小明', phone: '13800000009' })];
    for (const key of ['c1', 'c2', 'c3']) office.courts.put(record('COURTS', key, { participants: people }));
    await office.db.query('update source_feed set due_at = $1', [office.clock.wall()]);
    return {};
  },
  run: (office) => job(office, 'ingest', 'COURTS'),
};

const comparing: Step = {
  name: 'compare what might be one dispute',
  isRepeated: false,
  async prepare(office) {
    const number = citizenId(1);
    await job(office, 'ingest', 'COURTS');
    await openDispute(office, 'centre', newKey(), 'NEIGHBOUR', { citizenId: number });
    await carry(office);
    const filed = { kind: 'COURT_CASE', office: 'court', category: 'NEIGHBOUR', place: 'compound' };
    const people = [participant('1', { role: 'plaintiff', citizenId: number })];
    const at = new Date(office.clock.wall().getTime() + DAY).toISOString();
    office.courts.put(record('COURTS', 'c1', { ...filed, at, participants: people }));
    await office.readIn.read('COURTS');
    office.queues.forgetAll();
    return {};
  },
  run: (office) => job(office, 'ingest', 'disputes'),
};

export const carriedSteps: readonly Step[] = [...whole, ...deliveries, ...incoming, reading, comparing];
