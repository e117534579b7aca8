/** What a playbook must mean, beyond its form: every step has a way to it and a way on to the end, and nothing is named that is not there. */
import type { ActType, EventType, Playbook, Side, Step } from './playbook.ts';
import { WHOSE_ACT } from './whose-act.ts';

export interface MeaningFault {
  readonly path: readonly (string | number)[];
  readonly problem: string;
}

export function checkPlaybook(playbook: Playbook, hasRule: (id: string) => boolean): MeaningFault[] {
  return [
    ...checkSteps(playbook.steps),
    ...checkActs(playbook.steps),
    ...checkSides(playbook.steps),
    ...checkClocks(playbook, hasRule),
    ...checkClosing(playbook),
  ];
}

function* checkSteps(steps: readonly Step[]): Generator<MeaningFault> {
  const byId = new Map(steps.map((step) => [step.id, step]));
  yield* twice(steps, 'steps');
  for (const [index, { then }] of steps.entries()) {
    for (const [event, to] of Object.entries(then ?? {})) {
      if (!byId.has(to))
        yield {
          path: ['steps', index, 'then', event],
          problem: 'leads to a step that is not there; name one of the steps',
        };
    }
  }
  const reached = follow(byId, steps.slice(0, 1));
  const closed = steps.flatMap(({ then }) => byId.get(then?.CLOSED ?? '') ?? []);
  const ended = follow(byId, closed, 'REOPENED');
  for (const [index, step] of steps.entries()) {
    if (!reached.has(step))
      yield { path: ['steps', index], problem: `no step leads to \`${step.id}\`; name it in a \`then\`, or remove it` };
    else if (![...follow(byId, [step])].some((next) => ended.has(next)))
      yield {
        path: ['steps', index],
        problem: `from \`${step.id}\` nothing leads to the end; let a \`then\` lead on, at last with CLOSED`,
      };
  }
}

/** These steps and all that come after them, by any event but this one. A set also walks through what is added on the way. */
function follow(byId: ReadonlyMap<string, Step>, from: readonly Step[], except?: EventType): Set<Step> {
  const found = new Set(from);
  for (const { then } of found)
    for (const [event, to] of Object.entries(then ?? {})) {
      const step = byId.get(to);
      if (step && event !== except) found.add(step);
    }
  return found;
}

/** Whoever may ask must be able to get an answer in the same step, or the referral hangs there. */
const ANSWERS: Readonly<Partial<Record<ActType, readonly ActType[]>>> = {
  RETURN: ['DECIDE_RETURN', 'DECIDE_JURISDICTION', 'REDIRECT'],
  WITHDRAW: ['DECIDE_WITHDRAWAL'],
  PAUSE: ['RESUME'],
  REQUEST_EXTENSION: ['DECIDE_EXTENSION'],
};

function* checkActs(steps: readonly Step[]): Generator<MeaningFault> {
  for (const [index, { acts, by }] of steps.entries()) {
    if (!acts) continue;
    for (const act of acts) {
      const missing = (ANSWERS[act] ?? []).filter((answer) => !acts.includes(answer));
      if (missing.length > 0)
        yield {
          path: ['steps', index, 'acts'],
          problem: `has ${act} but not what answers it; add ${missing.join(', ')}`,
        };
    }
    for (const act of Object.keys(by ?? {}) as ActType[]) {
      if (!acts.includes(act))
        yield {
          path: ['steps', index, 'by', act],
          problem: 'says whose an act is that the step does not have; add it to `acts`, or remove this',
        };
    }
  }
}

/** A side whose act it never is would have no effect; with none left nobody could do it, and the referral would hang there. */
function* checkSides(steps: readonly Step[]): Generator<MeaningFault> {
  for (const [index, { by }] of steps.entries()) {
    for (const [act, sides] of Object.entries(by ?? {}) as [ActType, readonly Side[]][]) {
      const strange = sides.filter((side) => !WHOSE_ACT[act].includes(side));
      if (strange.length > 0)
        yield {
          path: ['steps', index, 'by', act],
          problem: `names ${strange.join(', ')}, whose act ${act} never is; name some of ${WHOSE_ACT[act].join(', ')}`,
        };
    }
  }
}

function* checkClocks({ clocks, kinds }: Playbook, hasRule: (id: string) => boolean): Generator<MeaningFault> {
  yield* twice(clocks, 'clocks');
  for (const [index, clock] of clocks.entries()) {
    if (!hasRule(clock.rule))
      yield {
        path: ['clocks', index, 'rule'],
        problem: `there is no rule \`${clock.rule}\`; name one of schema/rules, or write it there`,
      };
    const strange = clock.kinds?.filter((kind) => !(kinds ?? clock.kinds)?.includes(kind)) ?? [];
    if (strange.length > 0)
      yield {
        path: ['clocks', index, 'kinds'],
        problem: `is for kinds that this playbook does not carry (${strange.join(', ')}); remove them, or add them to its \`kinds\``,
      };
    if (clock.presses !== 'LEAD' && clock.ladder.some((rung) => rung.do === 'ESCALATE'))
      yield {
        path: ['clocks', index, 'ladder'],
        problem: 'hands the lead up while the clock presses another; end it with LIST, or let it press the LEAD',
      };
    if (clock.presses === 'TASK' && clock.starts.some((event) => event !== 'CONSULTED'))
      yield {
        path: ['clocks', index, 'starts'],
        problem: 'is by more than CONSULTED, and only a consultation gives tasks; name that alone',
      };
  }
}

function* checkClosing({ closing, raters }: Playbook): Generator<MeaningFault> {
  const missing = closing.rated.filter((by) => !raters.includes(by));
  if (missing.length > 0)
    yield {
      path: ['closing', 'rated'],
      problem: `waits for ratings that nobody may give; add ${missing.join(', ')} to \`raters\``,
    };
}

function* twice(things: readonly { readonly id: string }[], list: string): Generator<MeaningFault> {
  for (const [index, { id }] of things.entries()) {
    if (things.findIndex((other) => other.id === id) < index)
      yield { path: [list, index], problem: `\`${id}\` stands there twice; give one of them another id` };
  }
}
