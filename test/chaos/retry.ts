/** How long a client waits before it asks again: longer each time, and not all at the same moment. */
const FIRST_MS = 200;
const MOST_MS = 2_000;

export const retryMs = (tries: number): number => Math.min(MOST_MS, FIRST_MS * 2 ** tries) * (0.5 + Math.random());
