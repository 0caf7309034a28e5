/** A small picture that the studio makes when it is first asked for; one that is just being made is asked for again. */
import { useEffect, useState } from 'preact/hooks';
import type { ComponentChildren } from 'preact';

const TRIES = 5;

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
    const timer = setTimeout(() => setWaiting(false), 700 * tries);
    return () => clearTimeout(timer);
  }, [isWaiting, tries]);
  if (isWaiting || tries >= TRIES) return <>{otherwise}</>;
  return (
    <img
      class={className} src={url} alt="" loading="lazy" decoding="async" draggable={false}
      onError={() => { setTries(tries + 1); setWaiting(true); }}
    />
  );
}
