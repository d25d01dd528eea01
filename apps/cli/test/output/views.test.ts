import { describe, expect, test } from 'vitest';
import { createJsonLines } from '../../src/output/json-lines.ts';
import { createLiveView } from '../../src/output/live-view.ts';
import { createPlainView } from '../../src/output/plain-view.ts';
import { plainStyle } from '../../src/output/style.ts';
import { createTransferState } from '../../src/output/transfer-state.ts';

function createClock() {
  let at = 1_000;
  return {
    now: () => at,
    pass: (ms: number) => {
      at += ms;
    },
  };
}

const mib = 1024 ** 2;

describe('plain lines', () => {
  test('each state once, each finished file once, and every five seconds how far it is', () => {
    const clock = createClock();
    const written: string[] = [];
    const view = createPlainView((text) => written.push(text), clock.now);
    view.event({ type: 'state', state: 'IMPORT_FILE_TRANSFER' });
    view.event({ type: 'state', state: 'IMPORT_FILE_TRANSFER' });
    for (let moved = 0; moved <= 10; moved += 1) {
      view.event({ type: 'file', name: 'disk.vmdk', transferred: moved * mib, size: 10 * mib });
      clock.pass(1_000);
    }
    view.event({ type: 'file', name: 'disk.vmdk', transferred: 10 * mib, size: 10 * mib });
    view.close();
    expect(written).toEqual([
      'state IMPORT_FILE_TRANSFER\n',
      'moved 5 MiB of 10 MiB, 1 MiB/s, 5.0 s left\n',
      'done disk.vmdk (10 MiB)\n',
    ]);
  });
});

describe('live view', () => {
  test('redraws over what it drew, shows the file and gives the cursor back', () => {
    const written: string[] = [];
    const view = createLiveView({ columns: 80, rows: 24, write: (text) => written.push(text) }, plainStyle);
    view.event({ type: 'file', name: 'disk.vmdk', transferred: 5 * mib, size: 10 * mib });
    view.event({ type: 'warning', message: 'careful' });
    view.event({ type: 'file', name: 'disk.vmdk', transferred: 10 * mib, size: 10 * mib });
    view.close();
    view.close();
    const text = written.join('');
    expect(text).toContain('warning: careful');
    expect(text).toMatch(/disk\.vmdk\s+━+─+\s+50 %/);
    expect(text).toMatch(/disk\.vmdk\s+━+\s+100 %/);
    expect(text).toContain('\u001B[2A');
    expect(written.at(-1)).toBe('\u001B[?25h');
  });

  test('a thousand files do not scroll the screen away', () => {
    const written: string[] = [];
    const view = createLiveView({ columns: 80, rows: 24, write: (text) => written.push(text) }, plainStyle);
    for (let index = 0; index < 1_000; index += 1)
      view.event({ type: 'file', name: `f${index}`, transferred: 0, size: 1 });
    view.close();
    expect(written.join('').split('\n').length).toBeLessThan(24);
    expect(written.join('')).toContain('more files');
  });

  test('names from a package cannot steer the terminal', () => {
    const written: string[] = [];
    const view = createLiveView({ columns: 80, rows: 24, write: (text) => written.push(text) }, plainStyle);
    view.event({ type: 'warning', message: 'evil \u001B[2Jname' });
    view.close();
    expect(written.join('')).not.toContain('\u001B[2J');
  });
});

describe('JSON lines', () => {
  test('every line is versioned, files are told four times a second and at their end', () => {
    const clock = createClock();
    const written: string[] = [];
    const lines = createJsonLines((text) => written.push(text), clock.now);
    for (let moved = 0; moved <= 100; moved += 1) {
      lines.event({ type: 'file', name: 'd', transferred: moved, size: 100 });
      clock.pass(10);
    }
    lines.result({ status: 'succeeded', vmId: 'vm-1' });
    const parsed = written.map((text) => JSON.parse(text));
    expect(parsed.every(({ v }) => v === 1)).toBe(true);
    expect(parsed.map(({ transferred }) => transferred)).toEqual([0, 25, 50, 75, 100, undefined]);
    expect(parsed.at(-1)).toEqual({ v: 1, type: 'result', status: 'succeeded', vmId: 'vm-1' });
  });
});

describe('transfer state', () => {
  test('the rate is that of the last seconds, and an unknown size leaves the time open', () => {
    const clock = createClock();
    const transfer = createTransferState(clock.now);
    for (let moved = 1; moved <= 20; moved += 1) {
      transfer.apply({ type: 'file', name: 'd', transferred: moved < 10 ? moved : moved * 10, size: 400 });
      clock.pass(1_000);
    }
    expect(transfer.snapshot().rate).toBeCloseTo(8, 0);
    transfer.apply({ type: 'file', name: 'e', transferred: 1 });
    expect(transfer.snapshot().leftMs).toBeUndefined();
  });
});
