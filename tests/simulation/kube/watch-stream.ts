/** A stream of text that somebody else feeds, ends or breaks. */
export interface FedStream extends AsyncIterable<string> {
  push(text: string): void;
  end(): void;
  fail(error: Error): void;
}

/** Returns an open stream; `onClose` is called once, when the reader goes away or the stream ends. */
export function createFedStream(onClose: () => void): FedStream {
  const pending: string[] = [];
  let failure: Error | undefined;
  let isOver = false;
  let wake: (() => void) | undefined;
  let close: (() => void) | undefined = onClose;
  const finish = (): void => {
    isOver = true;
    close?.();
    close = undefined;
    wake?.();
  };
  return {
    push: (text) => {
      if (isOver) return;
      pending.push(text);
      wake?.();
    },
    end: finish,
    fail: (error) => {
      failure = error;
      finish();
    },
    async *[Symbol.asyncIterator]() {
      try {
        for (;;) {
          const text = pending.shift();
          if (text !== undefined) yield text;
          else if (failure !== undefined) throw failure;
          else if (isOver) return;
          else {
            await new Promise<void>((resolve) => {
              wake = resolve;
            });
          }
        }
      } finally {
        finish();
      }
    },
  };
}
