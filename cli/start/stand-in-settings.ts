import { bureauAddress } from '../../demo/departments/petitions/address.ts';
import type { StandInState } from '../../demo/departments/kit/state-file.ts';

/** What an adapter is told of a stand-in: what a county would write under `departments` in its settings. */
export function standInSettings(state: StandInState): Readonly<Record<string, unknown>> {
  const { name, port, connection } = state;
  switch (name) {
    case 'courts':
    case 'police':
      return { origin: `http://127.0.0.1:${port}`, ...connection };
    case 'petitions':
      return { url: bureauAddress(state) };
    case 'civil-affairs':
      return { drop: { type: 'sftp', url: `sftp://127.0.0.1:${port}`, ...connection } };
  }
}
