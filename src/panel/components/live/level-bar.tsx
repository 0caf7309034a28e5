/** A source's sound beside its picture, left and right. Drawn past the components, twenty times a second. */
import { useEffect, useRef } from 'preact/hooks';
import { Falling, part } from '../../lib/meter.js';
import { levelBoard } from '../../store/session.js';

export function LevelBar({ id }: { id: string }) {
  const root = useRef<HTMLElement>(null);
  useEffect(() => {
    const bars = [...root.current!.children] as HTMLElement[];
    const falling = bars.map(() => new Falling());
    return levelBoard.show(id, ({ peak }) => {
      const nowMs = performance.now();
      bars.forEach((bar, channel) => { bar.style.transform = `scaleY(${part(falling[channel]!.take(peak[channel] ?? -100, nowMs))})`; });
    });
  }, [id]);
  // "Silent" says in words what matters of it.
  return <span class="level" ref={root} aria-hidden="true"><i /><i /></span>;
}
