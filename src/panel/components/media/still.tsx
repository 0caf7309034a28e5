/** A small picture that the studio makes when it is first asked for; one that is not there is asked for again as long as it is in view. */
import { useEffect, useState } from 'preact/hooks';
import type { ComponentChildren } from 'preact';

const FIRST_PAUSE_MS = 700;
/** It is made in what the program leaves of the machine, which on a busy one may be little for a while. */
const LONGEST_PAUSE_MS = 10_000;

/** @param otherwise what stands there while there is none */
export function Still({ url, class: className, otherwise = null }: { url: string; class: string; otherwise?: ComponentChildren }) {
  const [tries, setTries] = useState(0);
  const [isWaiting, setWaiting] = useState(false);
  useEffect(() => {
    setTries(0);
    setWaiting(false);
  }, [url]);
  useEffect(() => {
    if (!isWaiting) return undefined;
    const timer = setTimeout(() => setWaiting(false), Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (tries - 1)));
    return () => clearTimeout(timer);
  }, [isWaiting, tries]);
  if (isWaiting) return <>{otherwise}</>;
  return (
    <img
      class={className} src={url} alt="" loading="lazy" decoding="async" draggable={false}
      onError={() => { setTries(tries + 1); setWaiting(true); }}
    />
  );
}
