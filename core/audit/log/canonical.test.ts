import { expect, it } from 'vitest';
import { canonicalJson, type Json } from './canonical.ts';

it('writes the example of RFC 8785, section 3.2.3', () => {
  const value = {
    numbers: [333333333.33333329, 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
    string: '\u20ac$\u000F\u000aA\u0027\u0042\u0022\u005c\\"/',
    literals: [null, true, false],
  };
  expect(canonicalJson(value)).toBe(
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
  );
});

it('orders keys by their UTF-16 units, as the RFC’s own list', () => {
  const value = {
    '\u20ac': 'Euro',
    '\r': 'CR',
    '\ufb33': 'Dalet',
    '1': 'One',
    '\ud83d\ude00': 'Smile',
    '\u0080': 'Ctl',
    '\u00f6': 'o',
  };
  expect(Object.values(JSON.parse(canonicalJson(value)) as object)).toEqual([
    'One',
    'CR',
    'Ctl',
    'o',
    'Euro',
    'Smile',
    'Dalet',
  ]);
  expect(canonicalJson(value).indexOf('Smile')).toBeLessThan(canonicalJson(value).indexOf('Dalet'));
});

it('takes a key for nothing but a key, and numbers as JSON has them', () => {
  const value = JSON.parse('{"__proto__":{"a":1},"10":3,"9":4,"b":[1e21,1e-7,-0,0.1]}') as Json;
  expect(canonicalJson(value)).toBe('{"10":3,"9":4,"__proto__":{"a":1},"b":[1e+21,1e-7,0,0.1]}');
});

it('does not depend on the order in which a value was made, at any depth', () => {
  expect(canonicalJson({ b: [{ d: 1, c: 2 }], a: '枫' })).toBe(canonicalJson({ a: '枫', b: [{ c: 2, d: 1 }] }));
});

it('leaves out what is not there', () => {
  expect(canonicalJson({ a: undefined, b: null })).toBe('{"b":null}');
});

it.each([Number.NaN, Infinity, '\ud800', { a: ['\udc00'] }])('has no form for %j', (value) => {
  expect(() => canonicalJson(value)).toThrow(TypeError);
});
