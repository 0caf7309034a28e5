/** Layers as they look, put together here from the pictures of their sources. */
import { useEffect, useRef } from 'preact/hooks';
import type { Layer } from '../../../protocol/resources.js';
import { paintLayers, type Paints } from '../../lib/scenes/paint.js';
import { frameSize, overlaysById, pictures, sourcesById } from '../../store/scenes.js';
import { theme } from '../../store/theme.js';

/** Of tiles: the studio makes none smaller. */
const LEAST_TILE = 64;
const MOST_TILE = 960;

/** @param width of the canvas, pixels */
export function SceneCanvas({ layers, width, fps, label }: { layers: readonly Layer[]; width: number; fps: number; label?: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const frame = frameSize.value;
  const height = Math.round((width * frame.height) / frame.width);
  const [sources, overlays] = [sourcesById.value, overlaysById.value];
  const paint = useRef(() => {});
  paint.current = () => {
    const element = canvas.current;
    const ctx = element?.getContext('2d');
    if (!element || !ctx) return;
    const style = getComputedStyle(element);
    const color = (name: string) => style.getPropertyValue(name).trim();
    const paints: Paints = { ground: color('--ground'), raised: color('--raised'), soft: color('--soft') };
    paintLayers(ctx, layers, { sources, overlays, picture: (id) => pictures.of(id), frameAspect: frame.width / frame.height }, paints);
  };

  // Several pictures in one frame of the screen are drawn once.
  const due = useRef(0);
  const paintSoon = () => {
    if (due.current === 0) due.current = requestAnimationFrame(() => { due.current = 0; paint.current(); });
  };
  useEffect(() => () => cancelAnimationFrame(due.current), []);
  useEffect(paintSoon, [layers, sources, overlays, width, height, theme.value]);

  const watched = [...new Set(layers.flatMap(({ sourceId, hidden }) => (sourceId === undefined || hidden ? [] : [sourceId])))].sort().join(' ');
  useEffect(() => {
    const tileWidth = Math.min(Math.max(width, LEAST_TILE), MOST_TILE);
    const stops = watched.split(' ').filter((id) => id !== '').map((id) => pictures.watch({ id, width: tileWidth, fps }, paintSoon));
    return () => stops.forEach((stop) => stop());
  }, [watched, width, fps]);
  // A clock goes on by itself.
  const hasClock = layers.some(({ overlayId }) => overlays.get(overlayId ?? '')?.kind === 'clock');
  useEffect(() => {
    if (!hasClock) return;
    const timer = setInterval(paintSoon, 1000);
    return () => clearInterval(timer);
  }, [hasClock]);

  return <canvas ref={canvas} class="scene-canvas" width={width} height={height} {...(label === undefined ? { 'aria-hidden': true } : { role: 'img', 'aria-label': label })} />;
}
