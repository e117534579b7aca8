/** Departments that co-sign: real servers that speak C2SP tlog-witness as its text has it. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/kit/database.ts';
import { appendSome, logVerifier, memoryAnchor, testSequencer } from '../../test/kit/log-rig.ts';
import { parseCheckpoint } from './log/checkpoint.ts';
import { createCosigner, parseNote, parseVerifierKey, writeNote } from './log/note.ts';
import { isConsistent } from './log/proof.ts';
import { publishedLog } from './read-log.ts';
import { createWitnessClient } from './witness-client.ts';
import { createWitnesses, type Witness, type Witnesses } from './witness.ts';

interface TestWitness extends Witness {
  /** What it has signed last. */
  seen: { size: number; root: Buffer } | null;
  isDown: boolean;
  /** It answers after this. */
  held: Promise<void>;
  asked: number;
  readonly server: Server;
}

async function startWitness(name: string, seed: number): Promise<TestWitness> {
  const cosigner = createCosigner(name, Buffer.alloc(32, seed));
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    const reply = (): void => {
      const answer = (status: number, body = ''): void => void response.writeHead(status).end(body);
      if (witness.isDown) return answer(503);
      if (request.url !== '/witness/add-checkpoint' || request.method !== 'POST') return answer(404);
      const body = Buffer.concat(parts).toString();
      const end = body.indexOf('\n\n');
      const [old = '', ...proof] = body.slice(0, end).split('\n');
      const note = parseNote(body.slice(end + 2));
      if (!note.signatures.some((signature) => logVerifier.check(note.text, signature))) return answer(403);
      const { size, root } = parseCheckpoint(note.text);
      const from = Number(/^old (\d+)$/.exec(old)?.[1] ?? NaN);
      if (Number.isNaN(from) || from > size) return answer(400);
      if (from !== (witness.seen?.size ?? 0)) return answer(409, `${witness.seen?.size ?? 0}\n`);
      const older = witness.seen ?? { size: 0, root: Buffer.alloc(0) };
      const hashes = proof.map((line) => Buffer.from(line, 'base64'));
      if (!isConsistent({ older, newer: { size, root }, proof: hashes })) return answer(422);
      witness.seen = { size, root };
      const signature = cosigner.sign(note.text, new Date());
      answer(200, writeNote({ text: '', signatures: [signature] }).slice(1));
    };
    request.on('end', () => {
      witness.asked += 1;
      void witness.held.then(reply);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const witness: TestWitness = {
    ...{ verifier: parseVerifierKey(cosigner.vkey), url: `http://127.0.0.1:${port}/witness` },
    ...{ seen: null, isDown: false, held: Promise.resolve(), asked: 0, server },
  };
  return witness;
}

let database: TestDatabase;
let court: TestWitness;
let police: TestWitness;
const client = createWitnessClient();
beforeEach(async () => {
  [database, court, police] = await Promise.all([
    createTestDatabase(),
    startWitness('court.example', 1),
    startWitness('police.example', 2),
  ]);
});
afterEach(async () => {
  await database.drop();
  for (const { server } of [court, police]) await new Promise((resolve) => server.close(resolve));
});

let reported: string[] = [];
let patient: Promise<void>;
beforeEach(() => {
  patient = new Promise(() => undefined);
});
const asking = (quorum: number): Witnesses => {
  reported = [];
  return createWitnesses({
    ...{ db: database.db, witnesses: [court, police], quorum, post: (url, body) => client.post(url, body) },
    // Those that answer at once are waited for.
    patience: () => patient,
    report: (name, problem) => reported.push(`${name}: ${problem}`),
  });
};

const signers = async (): Promise<string[]> => {
  const log = await publishedLog(database.db);
  if (!log) return [];
  const { text, signatures } = parseNote(log.note);
  return [logVerifier, court.verifier, police.verifier].flatMap((verifier) =>
    signatures.some((signature) => verifier.check(text, signature)) ? [verifier.name] : [],
  );
};

test('Both have signed, each having seen that the log only grew', async () => {
  const { db } = database;
  const sequencer = testSequencer(db, memoryAnchor(), { witnesses: asking(2) });
  for (const count of [1, 2, 300]) {
    await appendSome(db, count);
    await sequencer.run();
    expect(await signers()).toEqual([logVerifier.name, 'court.example', 'police.example']);
  }
  expect(court.seen?.size).toBe(303);
  expect(reported).toEqual([]);
});

test('Without enough of them nothing is published, and nothing is lost: it is once they are back', async () => {
  const { db } = database;
  const anchor = memoryAnchor();
  const sequencer = testSequencer(db, anchor, { witnesses: asking(2) });
  await appendSome(db, 3);
  await sequencer.run();
  police.isDown = true;
  await appendSome(db, 4);
  await expect(sequencer.run()).rejects.toThrow(/1 of 2 witnesses signed/);
  expect((await publishedLog(db))?.size).toBe(3);
  expect(reported).toEqual(['police.example: it answered 503']);
  police.isDown = false;
  await sequencer.run();
  expect((await publishedLog(db))?.size).toBe(7);
  expect(await signers()).toHaveLength(3);
});

test('One that is not required may be away; once back it is brought up to date', async () => {
  const { db } = database;
  const anchor = memoryAnchor();
  court.isDown = true;
  await appendSome(db, 3);
  await testSequencer(db, anchor, { witnesses: asking(1) }).run();
  expect(await signers()).toEqual([logVerifier.name, 'police.example']);
  court.isDown = false;
  await appendSome(db, 3);
  // A process that does not know what they have signed.
  await testSequencer(db, anchor, { witnesses: asking(1) }).run();
  expect(await signers()).toHaveLength(3);
});

test('A witness that has seen more of the log than there is does not sign', async () => {
  const { db } = database;
  await appendSome(db, 3);
  await testSequencer(db, memoryAnchor(), { witnesses: asking(2) }).run();
  court.seen = { size: 10, root: Buffer.alloc(32) };
  await appendSome(db, 1);
  await expect(testSequencer(db, memoryAnchor(), { witnesses: asking(2) }).run()).rejects.toThrow(/1 of 2/);
  expect(reported).toEqual(['court.example: it has seen 10 entries of a log that has 4']);
});

test('A witness that once named a size that is not its own signs again when it is put right', async () => {
  const { db } = database;
  const sequencer = testSequencer(db, memoryAnchor(), { witnesses: asking(2) });
  await appendSome(db, 3);
  const before = court.seen;
  court.seen = { size: 1_000, root: Buffer.alloc(32) };
  await expect(sequencer.run()).rejects.toThrow(/1 of 2/);
  court.seen = before;
  await sequencer.run();
  expect(await signers()).toHaveLength(3);
});

test('One that is slow and not required holds nothing up, and signs again once it has answered', async () => {
  const { db } = database;
  const witnesses = asking(1);
  const sequencer = testSequencer(db, memoryAnchor(), { witnesses });
  let answer: () => void = () => undefined;
  court.held = new Promise<void>((resolve) => (answer = resolve));
  patient = Promise.resolve();
  for (const size of [3, 6]) {
    await appendSome(db, 3);
    await sequencer.run();
    expect((await publishedLog(db))?.size).toBe(size);
    expect(await signers()).toEqual([logVerifier.name, 'police.example']);
  }
  // Asked once, however many checkpoints there were meanwhile.
  expect(court.asked).toBe(1);
  answer();
  patient = new Promise(() => undefined);
  await vi.waitFor(() => expect(court.seen?.size).toBe(3));
  await appendSome(db, 3);
  await sequencer.run();
  expect((await publishedLog(db))?.size).toBe(9);
});
