import fc from 'fast-check';
import { expect, test } from 'vitest';
import { contentRange, planRange } from '../src/http-range.ts';

test('any header gives a range inside the file, or none', () => {
  const header = fc.oneof(
    fc.string(),
    fc.tuple(fc.option(fc.nat()), fc.option(fc.nat())).map(([a, b]) => `bytes=${a ?? ''}-${b ?? ''}`),
  );
  fc.assert(
    fc.property(header, fc.nat(1000), (range, size) => {
      const plan = planRange({ range }, { size });
      if (plan.part !== 'range') return;
      expect(plan.range.start).toBeGreaterThanOrEqual(0);
      expect(plan.range.start).toBeLessThan(plan.range.end);
      expect(plan.range.end).toBeLessThanOrEqual(size);
    }),
  );
});

test('what Content-Range says, read as a Range, is the same range', () => {
  fc.assert(
    fc.property(fc.nat(1000), fc.nat(1000), fc.nat(1000), (start, length, rest) => {
      const range = { start, end: start + length + 1 };
      const size = range.end + rest;
      const header = contentRange(range, size).replace('bytes ', 'bytes=').replace(/\/.*/, '');
      expect(planRange({ range: header }, { size })).toEqual({ part: 'range', range });
    }),
  );
});
