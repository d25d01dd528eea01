import type { Answer } from './answer.ts';

/** What the service is of no use without, by name, and whether it answers now. Names are shown to everybody. */
export type Dependencies = () => Promise<Readonly<Record<string, 'available' | 'unavailable'>>>;

/** For whoever sends clients here: 503 while something is missing that most calls need. */
export async function readiness(dependencies: Dependencies = async () => ({})): Promise<Answer> {
  const states = await dependencies();
  const isReady = Object.values(states).every((each) => each === 'available');
  return { status: isReady ? 200 : 503, body: { status: isReady ? 'ready' : 'unavailable', ...states } };
}
