/** Answers that count for a while. */
export interface Recent<Answer> {
  find(question: string): Answer | undefined;
  keep(question: string, answer: Answer): void;
}

const recentMs = 60_000;
const most = 8;

/** What was answered in the last minute, of the last few questions. */
export function createRecent<Answer>(): Recent<Answer> {
  const known = new Map<string, { readonly at: number; readonly answer: Answer }>();
  return {
    find(question) {
      const found = known.get(question);
      return found !== undefined && performance.now() - found.at < recentMs ? found.answer : undefined;
    },
    keep(question, answer) {
      known.delete(question);
      known.set(question, { at: performance.now(), answer });
      const [oldest] = known.keys();
      if (known.size > most && oldest !== undefined) known.delete(oldest);
    },
  };
}
