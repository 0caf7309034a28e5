/** Plays pieces of sound as they come. The browser wants a press of a button before it makes any sound: begin there. */
import { SOUND_RATE, type SoundPacket } from '../../protocol/sound-packet.js';
import worklet from './listen-worklet.ts?worker&url';

export class ListenPlayer {
  #context: AudioContext | undefined;
  #node: AudioWorkletNode | undefined;
  #volume: GainNode | undefined;
  #mix: number | undefined;

  /** @throws what the browser says, where it has no such sound */
  async start(volume: number): Promise<void> {
    if (this.#context) {
      await this.#context.resume();
      return;
    }
    const context = new AudioContext({ sampleRate: SOUND_RATE, latencyHint: 'interactive' });
    this.#context = context;
    await context.audioWorklet.addModule(worklet);
    if (this.#context !== context) return;
    this.#node = new AudioWorkletNode(context, 'listen', { numberOfInputs: 0, outputChannelCount: [2] });
    this.#volume = new GainNode(context, { gain: volume });
    this.#node.connect(this.#volume).connect(context.destination);
    await context.resume();
  }

  take({ mix, samples }: SoundPacket): void {
    if (!this.#node) return;
    if (mix !== this.#mix) this.#node.port.postMessage(null);
    this.#mix = mix;
    this.#node.port.postMessage(samples, [samples.buffer]);
  }

  /** 0..1 */
  setVolume(volume: number): void {
    this.#volume?.gain.setTargetAtTime(volume, 0, 0.02);
  }

  stop(): void {
    const context = this.#context;
    this.#context = this.#node = this.#volume = this.#mix = undefined;
    void context?.close();
  }
}
