/**
 * The features of sound a second time, slowly and from the textbook: a plain DFT in double precision, nothing shared with native/features.
 * Frames of 512 samples with a hop of 256 at 16 kHz under a periodic Hann window; a frame belongs to the second in which its middle lies.
 */

const RATE = 16_000;
const FRAME = 512;
const HOP = 256;
const BANDS = FRAME / 2;
const MEL_BANDS = 26;

export type OracleFeature = 'rmsMean' | 'rmsStd' | 'zeroCrossings' | 'centroidHz' | 'rolloffHz' | 'flatness' | 'flux' | 'hfEnergy' | `mfcc${number}`;

const angles = Array.from({ length: FRAME }, (_, i) => (2 * Math.PI * i) / FRAME);
const cosines = angles.map(Math.cos);
const sines = angles.map(Math.sin);

function magnitudes(frame: readonly number[]): number[] {
  return Array.from({ length: BANDS }, (_, k) => {
    let re = 0;
    let im = 0;
    for (let i = 0; i < FRAME; i++) {
      const x = frame[i]! * (0.5 - 0.5 * cosines[i]!);
      re += x * cosines[(i * k) % FRAME]!;
      im -= x * sines[(i * k) % FRAME]!;
    }
    return Math.hypot(re, im);
  });
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const mean = (values: readonly number[]): number => sum(values) / values.length;
const mel = (hz: number): number => 2595 * Math.log10(1 + hz / 700);

function mfcc(power: readonly number[]): number[] {
  const step = mel(RATE / 2) / (MEL_BANDS + 1);
  const logs = Array.from({ length: MEL_BANDS }, (_, b) => {
    // A triangle on the mel scale around (b + 1) steps.
    const energy = sum(power.map((p, k) => p * Math.max(0, 1 - Math.abs(mel((k * RATE) / FRAME) / step - (b + 1)))));
    return Math.log(Math.max(energy, 1e-10));
  });
  return Array.from({ length: 13 }, (_, c) => Math.sqrt((c === 0 ? 1 : 2) / MEL_BANDS) * sum(logs.map((l, b) => l * Math.cos((Math.PI * c * (b + 0.5)) / MEL_BANDS))));
}

function ofFrame(frame: readonly number[], before: readonly number[] | null): { values: Record<string, number>; shares: number[] } {
  const m = magnitudes(frame);
  const total = sum(m);
  const shares = m.map((x) => (total > 0 ? x / total : 0));
  const power = m.map((x) => x * x);
  let below = 0;
  const rolloff = m.findIndex((x) => (below += x) >= 0.85 * total);
  const values: Record<string, number> = {
    rmsMean: Math.sqrt(mean(frame.map((x) => x * x))),
    zeroCrossings: frame.filter((x, i) => i > 0 && x < 0 !== frame[i - 1]! < 0).length / FRAME,
    centroidHz: (sum(m.map((x, k) => x * k)) / total) * (RATE / FRAME),
    rolloffHz: rolloff * (RATE / FRAME),
    flatness: Math.exp(mean(power.map((p) => Math.log(p + 1e-12)))) / mean(power),
    flux: before ? sum(shares.map((x, k) => Math.max(0, x - before[k]!))) : 0,
    hfEnergy: sum(power.filter((_, k) => (k * RATE) / FRAME >= 4_000)) * 32_768 ** 2,
  };
  mfcc(power).forEach((value, i) => { values[`mfcc${i}`] = value; });
  return { values, shares };
}

/** One record a second of `samples` (16 kHz mono, -1 to 1). */
export function soundOracle(samples: Float32Array | readonly number[]): Record<OracleFeature, number>[] {
  const bins: Record<string, number[]>[] = [];
  let before: number[] | null = null;
  for (let start = 0; start + FRAME <= samples.length; start += HOP) {
    const { values, shares } = ofFrame(Array.from(samples.slice(start, start + FRAME)), before);
    before = shares;
    const bin = (bins[Math.floor((start + HOP) / RATE)] ??= {});
    for (const [name, value] of Object.entries(values)) (bin[name] ??= []).push(value);
  }
  return bins.map((bin) => {
    const rms = bin['rmsMean']!;
    const out = Object.fromEntries(Object.entries(bin).map(([name, values]) => [name, name === 'hfEnergy' ? sum(values) : mean(values)]));
    return { ...out, rmsStd: Math.sqrt(mean(rms.map((x) => x * x)) - mean(rms) ** 2) } as Record<OracleFeature, number>;
  });
}
