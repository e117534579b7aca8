/** What a plan changes in representations before they go out, and in answers before they are merged. */
import type { FetchDataRewrite } from '@apollo/query-planner';
import { isRecord, type Fetched, type FetchedObject } from '../run/fetched.ts';
import { ownField } from '../run/own-field.ts';
import type { Types } from './types.ts';

export type Rewrite = (value: Fetched) => void;

const FRAGMENT = '... on ';

export function compileRewrites(rewrites: readonly FetchDataRewrite[], types: Types): Rewrite {
  const compiled = rewrites.map((rewrite) => compile(rewrite, types));
  return (value) => {
    for (const rewrite of compiled) rewrite(value);
  };
}

function compile(rewrite: FetchDataRewrite, types: Types): Rewrite {
  const last = rewrite.path.at(-1);
  if (last === undefined) return () => undefined;
  const get = ownField(last);
  const change = (object: FetchedObject): void => {
    if (rewrite.kind === 'ValueSetter') object[last] = rewrite.setValueTo as Fetched;
    else {
      const value = get(object);
      if (value === undefined) return;
      object[rewrite.renameKeyTo] = value;
      delete object[last];
    }
  };
  return rewrite.path.slice(0, -1).reduceRight<Rewrite>((inner, step) => at(step, types, inner), each(change));
}

/** For the object, or for every object of lists. */
const each =
  (change: (object: FetchedObject) => void): Rewrite =>
  (value) => {
    if (Array.isArray(value)) value.forEach(each(change));
    else if (isRecord(value)) change(value);
  };

function at(step: string, types: Types, inner: Rewrite): Rewrite {
  if (step.startsWith(FRAGMENT)) {
    const type = step.slice(FRAGMENT.length);
    return each((object) => {
      if (types.isA(object, type, true)) inner(object);
    });
  }
  const get = ownField(step);
  return each((object) => {
    const value = get(object);
    if (value !== undefined) inner(value);
  });
}

/** Names that are changed when an answer comes, to what they are then. */
export const renamedNames = (rewrites: readonly FetchDataRewrite[]): ReadonlyMap<string, string> =>
  new Map(
    rewrites.flatMap((rewrite) =>
      rewrite.kind === 'KeyRenamer' ? [[rewrite.path.at(-1) ?? '', rewrite.renameKeyTo] as const] : [],
    ),
  );
