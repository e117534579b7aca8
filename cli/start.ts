import type { Command } from 'commander';
import { loadConfig, type Config } from '../core/platform/config.ts';
import { AppError } from '../core/platform/errors.ts';
import { isPortFree } from '../core/platform/free-port.ts';
import type { Log } from '../core/platform/log.ts';
import { SUBGRAPHS, type SubgraphName } from '../subgraphs/kit/type-defs.ts';
import { openLog } from './log.ts';
import { checkCarrying } from './start/check-carrying.ts';
import { createClosing, type Closing } from './start/closing.ts';
import { createDepartmentOpener } from './start/departments.ts';
import { waitForFirstLoad } from './start/first-load.ts';
import { layFoundation, type Foundation } from './start/foundation.ts';
import { startGateway } from './start/gateway.ts';
import { serveHealth } from './start/health.ts';
import { serveSubgraph } from './start/subgraphs.ts';
import { startWorker } from './start/worker.ts';

const ROLES = ['gateway', 'worker', ...SUBGRAPHS] as const;
type RoleName = (typeof ROLES)[number];
/** Those that carry referrals. */
const CARRYING: readonly RoleName[] = ['gateway', 'worker', 'referrals'];

const isRole = (name: string): name is RoleName => (ROLES as readonly string[]).includes(name);
const isSubgraph = (name: RoleName): name is SubgraphName => (SUBGRAPHS as readonly string[]).includes(name);

function parseRoles(names: readonly string[]): RoleName[] {
  const unknown = names.filter((name) => !isRole(name));
  if (unknown.length > 0)
    throw new AppError('BAD_USER_INPUT', `There is no such role; the roles are ${ROLES.join(', ')}.`);
  const roles = names.length === 0 ? (['gateway', 'worker'] as const) : names.filter(isRole);
  if (roles.filter((role) => role !== 'worker').length > 1) {
    throw new AppError(
      'BAD_USER_INPUT',
      'The gateway and each subgraph listen on PORT: start them as processes of their own.',
    );
  }
  return [...roles];
}

async function announce(foundation: Foundation, url: string, say: (line: string) => void): Promise<void> {
  const { demo } = foundation;
  say(`Maplebridge 枫桥 is ready: ${url}`);
  if (!demo) return;
  const ticket = await demo.issuer.mintTicket({
    org: 'centre',
    roles: ['centre.operator', 'centre.supervisor'],
    subject: 'demo',
    name: '演示 Demo',
  });
  say(`Sign in (good for an hour): ${url}/sign-in?ticket=${ticket}`);
  say('Ctrl-C stops everything.');
}

async function startRoles(roles: readonly RoleName[], foundation: Foundation, closing: Closing): Promise<string> {
  if (roles.some((role) => CARRYING.includes(role))) await checkCarrying(foundation);
  const open = await createDepartmentOpener(foundation, closing);
  let url: string | null = null;
  for (const role of roles) {
    if (role === 'gateway') url = await startGateway(foundation, open, closing);
    else if (isSubgraph(role)) url = await serveSubgraph(role, foundation, open, closing);
  }
  // A worker by itself has nothing to say but whether it is well.
  url ??= await serveHealth(foundation, closing);
  if (roles.includes('worker')) await startWorker(foundation, open, closing);
  return url;
}

interface Stop {
  /** Resolves at the first SIGINT or SIGTERM; the second ends the process at once. */
  readonly asked: Promise<void>;
  isAsked(): boolean;
}

function listenForStop(log: Log): Stop {
  let stopping = false;
  const asked = new Promise<void>((resolve) => {
    const onSignal = (signal: NodeJS.Signals): void => {
      if (stopping) process.exit(1);
      stopping = true;
      log.info({ signal }, 'stopping');
      resolve();
    };
    process.on('SIGINT', onSignal);
    process.on('SIGTERM', onSignal);
  });
  return { asked, isAsked: () => stopping };
}

async function refuseTakenPort({ host, port }: Config): Promise<void> {
  if (port === 0 || (await isPortFree(port, host))) return;
  throw new AppError(
    'BAD_USER_INPUT',
    `Port ${port} is in use: Maplebridge runs already (open http://${host}:${port}), or set PORT to another.`,
  );
}

/** Runs until a signal comes. */
async function run(names: readonly string[]): Promise<void> {
  const roles = parseRoles(names);
  const config = loadConfig(process.env);
  await refuseTakenPort(config);
  const { log, close: closeLog } = openLog(config);
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  const stop = listenForStop(log);
  const closing = createClosing();
  // Of the demo, the process with the gateway runs the made-up county; others find it running.
  const withDemo = roles.includes('gateway');
  let clean = true;
  try {
    // Stopped while still starting: what is open by then is closed, the rest is never opened.
    const starting = layFoundation({ config, log, closing, withDemo, say }).then(async (foundation) => {
      if (stop.isAsked()) return;
      const url = await startRoles(roles, foundation, closing);
      if (foundation.demo && roles.includes('worker')) await waitForFirstLoad(foundation.db, stop.asked, say);
      if (!stop.isAsked()) await announce(foundation, url, say);
    });
    await Promise.race([starting, stop.asked]);
    await stop.asked;
    await starting.catch(() => undefined);
  } finally {
    clean = await closing.close(log);
    await closeLog();
  }
  if (!clean) throw new AppError('INTERNAL', 'Not everything closed as it should; the log says what.');
}

export function addStartCommand(program: Command): void {
  program
    .command('start')
    .argument(
      '[role...]',
      `${ROLES.join(', ')}; by default the gateway, with the subgraphs in its process, and a worker`,
    )
    .description('start Maplebridge; without settings, the demo with a made-up county')
    .action(run);
}
