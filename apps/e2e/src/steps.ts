import { styleText } from 'node:util';

/** Prints a page with a line for each step and what was seen in it. */
export interface Steps {
  /** Runs a step; its line ends with what it resolves to and the time it took. */
  step<Result>(title: string, run: () => Promise<{ readonly said: string; readonly value: Result }>): Promise<Result>;
  /** A command as a user would type it. */
  command(text: string): void;
  /** Something seen on the way. */
  note(text: string): void;
}

const stream = process.stdout;
const write = (text: string): void => {
  stream.write(`${text}\n`);
};

/** The page on standard output. */
export function createSteps(): Steps {
  let number = 0;
  return {
    step: async (title, run) => {
      number += 1;
      write(`\n${styleText('bold', `${number}. ${title}`, { stream })}`);
      const startedAt = performance.now();
      try {
        const { said, value } = await run();
        const time = `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
        write(`   ${styleText('green', '✔', { stream })} ${said}  ${styleText('dim', time, { stream })}`);
        return value;
      } catch (error) {
        write(`   ${styleText('red', '✘', { stream })} ${title}`);
        throw error;
      }
    },
    command: (text) => write(`   ${styleText('cyan', `$ ${text}`, { stream })}`),
    note: (text) => write(`     ${styleText('dim', text, { stream })}`),
  };
}
