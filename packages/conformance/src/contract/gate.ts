/** What waits until it is told to go on. */
export interface Gate {
  readonly opened: Promise<void>;
  open(): void;
}

/** A gate that is closed. */
export function closedGate(): Gate {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
