import type { UpdateEvent, UpdateSession } from '@ovfkit/domain';
import type { Core } from '../core.ts';
import type { Flow } from '../flow.ts';

/** The flow of update sessions. */
export type UpdateFlow = Flow<UpdateSession, UpdateEvent>;

/** What the work on update sessions needs. */
export interface Updates {
  readonly core: Core;
  readonly flow: UpdateFlow;
}
