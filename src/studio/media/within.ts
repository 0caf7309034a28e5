/** A folder on a network that hangs answers never: whoever looks into it waits so long and no longer. */
export function within<T>(work: Promise<T>, limitMs: number, end: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = AbortSignal.any([end, AbortSignal.timeout(limitMs)]);
    timer.addEventListener('abort', () => reject(new Error('no answer')), { once: true });
    work.then(resolve, reject);
  });
}
