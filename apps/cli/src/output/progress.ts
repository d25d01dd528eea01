import type { ProgressEvent } from '@ovfkit/transfer';
import type { Report } from './report.ts';

/** Passes on what transfer tells to a view. */
export function progressTo(report: Report): (event: ProgressEvent) => void {
  return (event) => {
    switch (event.type) {
      case 'file':
        return report.event({ type: 'file', name: event.name, transferred: event.sent, size: event.size });
      case 'retry':
        return report.event({ type: 'retry', name: event.name, reason: event.reason.message, inMs: event.inMs });
      case 'warning':
        return report.event({ type: 'warning', message: event.text });
      case 'session':
      case 'state':
        return report.event(event);
    }
  };
}
