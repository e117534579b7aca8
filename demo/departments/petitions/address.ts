import type { StandInState } from '../kit/state-file.ts';

/** What the bureau's adapter is given as `url`. */
export function bureauAddress({ port, connection }: Pick<StandInState, 'port' | 'connection'>): string {
  const url = new URL(`postgres://127.0.0.1:${port}`);
  url.username = connection['user'] ?? '';
  url.password = connection['password'] ?? '';
  url.pathname = connection['database'] ?? '';
  return url.href;
}
