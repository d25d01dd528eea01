import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  downloadMachine,
  exportMachine,
  importMachine,
  probeMachine,
  updateMachine,
} from '../packages/domain/src/index.ts';
import { root } from './workspace.ts';

// Writes the diagrams and tables of docs/sessions.md from the machines themselves: `pnpm docs:diagrams`.

/** The machines, by the names of their places in the document. */
export const machines = {
  import: importMachine,
  probe: probeMachine,
  export: exportMachine,
  update: updateMachine,
  download: downloadMachine,
};
type Machine = (typeof machines)[keyof typeof machines];

/** What each guard asks, as a reader would say it. A guard without words stops the script, and so the test. */
const words: Readonly<Record<string, string>> = {
  isWaitingFor: 'the file is in the list and not complete',
  isDescriptorOfPush: 'it is the descriptor of a push',
  needsBundles: 'a push, and it names message bundles',
  completesBundles: 'it is the last message bundle',
  completesTransfer: 'nothing required is missing and nothing started is under way',
  hasAll: 'nothing required is missing and nothing started is under way',
  isPush: 'a push',
  isForward: 'not lower than before, at most 100',
  isNew: 'no file of that name is listed yet',
  isDownload: 'the target is a download',
  addsPull: 'it is to be pulled, no file of that name was announced, and `complete` was not called',
  mayAdd: 'no file of that name was announced, and `complete` was not called',
  isOpen: '`complete` was not called',
  isAwaited: 'the file is in the list and has neither come nor failed',
  bringsPulls: 'it is a descriptor that was pulled, and it names more files',
  settlesAll: '`complete` was called, and no other file is awaited',
  allSettled: 'no file is awaited, and it was not called before',
  allSent: 'all that is awaited is pulled, and it was not called before',
  isFile: 'the session has the file',
};

interface Line {
  readonly from: string;
  readonly event: string;
  readonly guard: string | undefined;
  readonly to: string;
  readonly effects: readonly string[];
}

const typeOf = (named: unknown): string =>
  typeof named === 'object' && named !== null && 'type' in named ? String(named.type) : String(named);

/** Every transition of a machine, in the order in which the machine tries them; those of its root once, from `any`. */
export function linesOf(machine: Machine): readonly Line[] {
  // an effect is an action with an empty body; xstate marks those that assign
  const implementations = new Map<string, unknown>(Object.entries(machine.implementations.actions));
  const isEffect = (name: string) => !Object.hasOwn(Object(implementations.get(name)), 'type');
  const nodes = [machine.root, ...Object.values(machine.root.states)];
  return nodes.flatMap((node) =>
    [...node.transitions.values()].flat().map((each): Line => {
      const target = each.target?.[0];
      const from = node === machine.root ? 'any' : node.key;
      const actions = [...each.actions, ...(target?.entry ?? [])].map(typeOf);
      return {
        from,
        event: each.eventType,
        guard: each.guard === undefined ? undefined : typeOf(each.guard),
        to: target?.key ?? from,
        effects: actions.filter(isEffect),
      };
    }),
  );
}

function condition({ guard }: Line): string | undefined {
  if (guard === undefined) return undefined;
  const said = words[guard];
  if (said === undefined) throw new Error(`The guard ${guard} has no words in scripts/session-diagrams.ts.`);
  return said;
}

/** The words of a line among the lines of its event: what comes after a guarded line happens otherwise. */
function when(line: Line, lines: readonly Line[]): string | undefined {
  const candidates = lines.filter(({ from, event }) => from === line.from && event === line.event);
  return condition(line) ?? (candidates.length > 1 ? 'otherwise' : undefined);
}

function diagram(machine: Machine): string {
  const lines = linesOf(machine);
  const arrows = lines
    .filter(({ from, to }) => from !== to)
    .map((line) => {
      const asked = when(line, lines);
      return `  ${line.from} --> ${line.to} : ${line.event}${asked === undefined ? '' : ` [${asked}]`}`;
    });
  const first = machine.root.initial.target[0]?.key;
  return ['```mermaid', 'stateDiagram-v2', `  [*] --> ${first} : create`, ...new Set(arrows), '```'].join('\n');
}

function table(machine: Machine): string {
  const lines = linesOf(machine);
  const code = (text: string) => `\`${text}\``;
  const rows = lines.map((line) => {
    const to = line.from === line.to ? 'stays' : code(line.to);
    const from = line.from === 'any' ? 'any state' : code(line.from);
    return `| ${[from, code(line.event), when(line, lines) ?? '', to, line.effects.map(code).join(', ')].join(' | ')} |`;
  });
  return ['| In | Event | When | Goes to | Then to be done |', '|---|---|---|---|---|', ...rows].join('\n');
}

/** The document with every block between its markers made anew. */
export function withDiagrams(document: string): string {
  return Object.entries(machines).reduce((text, [name, machine]) => {
    const block = new RegExp(`(<!-- ${name} machine: generated -->\n)[\\s\\S]*?(<!-- end of ${name} machine -->)`);
    if (!block.test(text)) throw new Error(`docs/sessions.md has no place for the ${name} machine.`);
    return text.replace(
      block,
      (_, begin: string, end: string) => `${begin}\n${diagram(machine)}\n\n${table(machine)}\n\n${end}`,
    );
  }, document);
}

if (import.meta.main) {
  const path = join(root, 'docs/sessions.md');
  await writeFile(path, withDiagrams(await readFile(path, 'utf8')));
}
