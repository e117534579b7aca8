/** Whom ours is compared with, and how each is started: its own documented way, the same Node, the same options, the same core. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { projectRoot } from '../../core/platform/project-root.ts';
import { startServer, type StartedServer } from './kit/started-server.ts';
import { peerProgram } from './kit/peers.ts';
import { CORES } from './kit/pin.ts';

/** What a gateway is started on. */
export interface Scene {
  /** A file. */
  readonly supergraph: string;
  /** A file: addresses by subgraph, for whoever composes by themselves. */
  readonly services: string;
  readonly profile: string | undefined;
}

export interface Contender {
  readonly name: string;
  readonly title: string;
  /** Its subgraphs run in its own process: nothing is delayed there. */
  readonly isLocal: boolean;
  /** Not ours, and not what the targets are about: where it cannot run, that is said and the others go on. */
  readonly mayFail: boolean;
  readonly args: (scene: Scene) => readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

const ownProgram = (name: string): string => fileURLToPath(new URL(`./${name}.js`, import.meta.url));
const MADE_UP = ownProgram('kit/made-up-runners');

export const CONTENDERS: readonly Contender[] = [
  {
    name: 'stock',
    title: 'stock @apollo/gateway',
    ...{ isLocal: false, mayFail: false },
    args: ({ supergraph }) => [peerProgram('stock'), supergraph],
  },
  {
    name: 'hive',
    title: 'Hive Gateway, Rust planner',
    ...{ isLocal: false, mayFail: false },
    args: ({ supergraph }) => [peerProgram('hive'), supergraph],
  },
  {
    name: 'mercurius',
    // It knows Federation 1 only, so it is given our schemas as that says them.
    title: 'Mercurius gateway (fed. 1)',
    ...{ isLocal: false, mayFail: true },
    args: ({ services }) => [peerProgram('mercurius/mercurius'), services],
  },
  {
    name: 'ours',
    title: 'Maplebridge',
    ...{ isLocal: false, mayFail: false },
    args: ({ supergraph }) => [
      join(projectRoot, 'bin', 'maplebridge.mjs'),
      ...['gateway', '--open', '--no-share', '--port', '0', '--supergraph', supergraph],
    ],
  },
  {
    name: 'stock-local',
    title: 'stock, in process',
    ...{ isLocal: true, mayFail: false },
    args: ({ supergraph }) => [peerProgram('stock'), supergraph, '--local', MADE_UP],
  },
  {
    name: 'ours-local',
    title: 'Maplebridge, in process',
    ...{ isLocal: true, mayFail: false },
    args: ({ supergraph }) => [ownProgram('gateway-local-program'), supergraph],
  },
];

export const startContender = ({ title, args, env }: Contender, scene: Scene): Promise<StartedServer> =>
  startServer({
    ...{ name: title, args: args(scene), core: CORES.gateway, profile: scene.profile },
    ...(env && { env }),
  });

/** Our own supergraph with addresses that answer. */
export function writeSupergraph(file: string, urls: Readonly<Record<string, string>>): void {
  const sdl = readFileSync(join(projectRoot, 'schema', 'supergraph.graphql'), 'utf8').replace(
    /(@join__graph\(name: "([^"]+)", url: )"[^"]*"/g,
    (_, before: string, name: string) => `${before}"${urls[name] ?? ''}"`,
  );
  writeFileSync(file, sdl);
}
