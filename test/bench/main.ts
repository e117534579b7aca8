/** `npm run bench view`, `ingest`, `gateway` …: what issue targets say, measured. Exit code 1 when one is missed. */
import { parseArgs } from 'node:util';
import { benchAudit } from './audit.ts';
import { benchGateway } from './gateway.ts';
import { CONTENDERS } from './gateway-contenders.ts';
import { benchIdentity } from './identity.ts';
import { benchIngest } from './ingest.ts';
import { benchLinks } from './links.ts';
import { benchReferrals } from './referrals.ts';
import { benchSoak } from './soak.ts';
import { benchView } from './view.ts';

const USAGE = `Usage: npm run bench ingest -- [--people N] [--seed N] [--kills N] [--keep DIR] [--profile DIR]
       npm run bench view   -- [--people N,N] [--clients N,N] [--views N] [--seed N] [--keep DIR] [--profile DIR]
       npm run bench referrals -- [--stored N,N] [--loops N] [--rounds N] [--queues direct,postgres,redis] [--profile DIR]
       npm run bench audit  -- [--entries N] [--size N] [--views N] [--seed N] [--keep DIR]
       npm run bench identity -- [--people N] [--seeds N,N]
       npm run bench links -- [--people N] [--seeds N,N]
       npm run bench gateway -- [--gateways stock,ours] [--queries a,b,c] [--clients N,N] [--delays N,N] [--seconds N] [--profile DIR]
       npm run bench soak  -- [--minutes N]
`;

function refuse(why: string): never {
  process.stderr.write(`${why}\n${USAGE}`);
  process.exit(2);
}

const read = () =>
  parseArgs({
    allowPositionals: true,
    options: {
      people: { type: 'string' },
      seed: { type: 'string', default: '1' },
      seeds: { type: 'string', default: '1,2,3,4,5' },
      kills: { type: 'string', default: '1' },
      clients: { type: 'string' },
      views: { type: 'string' },
      stored: { type: 'string', default: '1000,100000' },
      loops: { type: 'string', default: '600' },
      rounds: { type: 'string', default: '3' },
      entries: { type: 'string', default: '40000' },
      size: { type: 'string', default: '10000000' },
      queues: { type: 'string', default: 'direct,postgres,redis' },
      gateways: { type: 'string', default: CONTENDERS.map(({ name }) => name).join(',') },
      queries: { type: 'string', default: 'a,b,c' },
      delays: { type: 'string', default: '0,20' },
      seconds: { type: 'string', default: '5' },
      minutes: { type: 'string', default: '15' },
      // A folder that stays: the county is not made again.
      keep: { type: 'string' },
      // CPU profiles of the program that is measured.
      profile: { type: 'string' },
    },
  });
function readOrRefuse(): ReturnType<typeof read> {
  try {
    return read();
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
}
const { positionals, values } = readOrRefuse();

const numbers = (list: string): number[] => {
  const found = list.split(',').map(Number);
  if (found.every((value) => Number.isSafeInteger(value) && value >= 0)) return found;
  return refuse(`“${list}” is not a number, or several with commas between them.`);
};
const number = (text: string): number => numbers(text)[0] ?? 0;

const { seed, keep, profile } = { ...values, seed: number(values.seed) };
const [bench] = positionals;
if (bench === 'ingest') {
  const people = number(values.people ?? '100000');
  process.exitCode = (await benchIngest({ people, seed, kills: number(values.kills), keep, profile })) ? 0 : 1;
} else if (bench === 'view') {
  const people = numbers(values.people ?? '2000,100000');
  const [clients, views] = [numbers(values.clients ?? '1,8'), number(values.views ?? '300')];
  process.exitCode = (await benchView({ people, seed, clients, views, keep, profile })) ? 0 : 1;
} else if (bench === 'referrals') {
  const [stored, loops, rounds] = [numbers(values.stored), number(values.loops), number(values.rounds)];
  process.exitCode = (await benchReferrals({ stored, loops, rounds, kinds: values.queues.split(','), profile }))
    ? 0
    : 1;
} else if (bench === 'identity') {
  const people = number(values.people ?? '100000');
  process.exitCode = (await benchIdentity({ people, seeds: numbers(values.seeds) })) ? 0 : 1;
} else if (bench === 'links') {
  const people = number(values.people ?? '100000');
  process.exitCode = (await benchLinks({ people, seeds: numbers(values.seeds) })) ? 0 : 1;
} else if (bench === 'gateway') {
  const [clients, delays] = [numbers(values.clients ?? '1,8,50'), numbers(values.delays)];
  const [gateways, queries] = [values.gateways.split(','), values.queries.split(',')];
  const unknown = gateways.find((name) => !CONTENDERS.some((one) => one.name === name));
  if (unknown !== undefined) refuse(`There is no gateway “${unknown}”.`);
  process.exitCode = (await benchGateway({
    ...{ gateways, queries, clients, delays },
    ...{ seconds: number(values.seconds), profile },
  }))
    ? 0
    : 1;
} else if (bench === 'soak') {
  process.exitCode = (await benchSoak({ minutes: number(values.minutes) })) ? 0 : 1;
} else if (bench === 'audit') {
  process.exitCode = (await benchAudit({
    ...{ entries: number(values.entries), size: number(values.size) },
    // Twelve times over, by turns: what they differ by needs fewer than how long they take.
    ...{ seed, keep, views: number(values.views ?? '100') },
  }))
    ? 0
    : 1;
} else refuse(bench === undefined ? 'Say which bench.' : `There is no bench “${bench}”.`);
