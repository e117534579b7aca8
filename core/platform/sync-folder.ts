import { open } from 'node:fs/promises';

/** Makes the names in it durable: until then a machine that loses its power may come back without a file that was renamed into it. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  await handle.sync().finally(() => handle.close());
}
