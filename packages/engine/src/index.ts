export type { EngineLimits, Principal } from './core.ts';
export { createEngine, type Engine, type EngineOptions } from './engine.ts';
export { findGarbage, type Garbage, type Stores } from './garbage.ts';
