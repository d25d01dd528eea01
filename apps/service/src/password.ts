import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';

export interface PasswordSource {
  readonly input: NodeJS.ReadStream;
  /** Where the question is put; never what is typed. */
  readonly output: NodeJS.WritableStream;
  readonly question: string;
}

/** A password typed at a terminal without being shown, else the first line of the input. */
export async function readPassword({ input, output, question }: PasswordSource): Promise<string> {
  if (!input.isTTY) return (await text(input)).split(/\r?\n/)[0] ?? '';
  const silence = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input, output: silence, terminal: true });
  try {
    output.write(question);
    return await terminal.question('');
  } finally {
    output.write('\n');
    terminal.close();
  }
}
