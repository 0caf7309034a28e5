/** Runs on the browser's sound thread: plays what is sent to it. */
import { JitterBuffer } from './jitter-buffer.js';

/** What TypeScript's libraries do not know of an AudioWorkletGlobalScope. */
declare const registerProcessor: (name: string, processor: unknown) => void;
declare const AudioWorkletProcessor: new () => { readonly port: MessagePort };

class Listen extends AudioWorkletProcessor {
  readonly #buffer = new JitterBuffer();

  constructor() {
    super();
    this.port.onmessage = ({ data }: MessageEvent<Int16Array | null>) => {
      if (data === null) this.#buffer.clear();
      else this.#buffer.push(data);
    };
  }

  process(_inputs: Float32Array[][], [output]: Float32Array[][]): boolean {
    if (output?.[0] && output[1]) this.#buffer.pull(output[0], output[1]);
    return true;
  }
}

registerProcessor('listen', Listen);
