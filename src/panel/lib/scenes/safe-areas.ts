/**
 * What televisions surely show, by EBU R 95: what happens stays 3.5 % from every edge (93 % of the frame), and what is to be read 5 %
 * (90 %).
 */
import type { Place } from './geometry.js';

const within = (margin: number): Place => ({ x: margin, y: margin, width: 1 - 2 * margin, height: 1 - 2 * margin });

export const ACTION_SAFE = within(0.035);
export const GRAPHICS_SAFE = within(0.05);
