import type { ProgressEvent } from '@ovfkit/transfer';
import type { Connection } from '../target/connection.ts';
import type { Report } from './report.ts';

/** Bytes; what is smaller is read within a second. */
const worthTelling = 256 * 1024 * 1024;

/**
 * Passes on what transfer tells to a view. Bytes that transfer hands to a session of this process have not gone anywhere: those are told by
 * whoever moves them on.
 */
export function progressTo(report: Report, { via }: Pick<Connection, 'via'>): (event: ProgressEvent) => void {
  return (event) => {
    switch (event.type) {
      case 'file':
        if (via !== 'session') return;
        return report.event({ type: 'file', name: event.name, transferred: event.sent, size: event.size });
      case 'retry':
        return report.event({ type: 'retry', name: event.name, reason: event.reason.message, inMs: event.inMs });
      case 'comparing':
        if (event.size < worthTelling) return;
        return report.event({
          type: 'information',
          message: `${event.name} is read first: the target may have it already`,
        });
      case 'warning':
        return report.event({ type: 'warning', message: event.text });
      case 'session':
      case 'state':
        return report.event(event);
    }
  };
}
