/**
 * The native core without pixels, sound or threads: what src/engine/native.ts says, on a clock that the test moves by hand.
 * test/contract/native_suite.ts holds it to what the real one does.
 */
import { NATIVE_ABI, type NativeCore, type NativeProgramOptions } from '../../src/engine/native.js';
import * as args from './native-arguments.js';
import { FakeNativeProgram } from './native-program.js';

export class FakeNativeCore implements NativeCore {
  readonly abi = NATIVE_ABI;
  /** All that were ever made, the newest last. */
  readonly programs: FakeNativeProgram[] = [];
  /** How many hold each descriptor: we, and children that were given it. */
  readonly #holders = new Map<number, number>();
  #nextFd = 1000;

  /** `nowUs` is the machine's CLOCK_MONOTONIC; fractions are kept inside, so that frames fall where they should. */
  constructor(private nowUs = 5_000_000_000) {}

  createProgram(options: NativeProgramOptions): FakeNativeProgram {
    const program = new FakeNativeProgram(this, args.programOptions(options), this.nowUs);
    this.programs.push(program);
    return program;
  }

  closeFd(fd: number): void {
    this.#drop(args.whole(args.given(fd, 'fd'), 'fd', 3, 2 ** 30));
  }

  monotonicUs(): number {
    return Math.floor(this.nowUs);
  }

  /** Lets `ms` pass, with every frame that is due in them. */
  advance(ms: number): void {
    const end = this.nowUs + ms * 1000;
    for (;;) {
      const next = Math.min(...this.programs.map((program) => program.nextDueUs));
      if (next > end) break;
      this.nowUs = Math.max(this.nowUs, next);
      for (const program of this.programs) program.wake(this.nowUs);
    }
    this.nowUs = end;
  }

  /** Lets `ms` pass as when the machine stands still: the program's thread finds out afterwards. */
  standStill(ms: number): void {
    this.nowUs += ms * 1000;
    for (const program of this.programs) program.wake(this.nowUs);
  }

  /** Descriptors that somebody still holds. */
  get descriptors(): number[] {
    return [...this.#holders.keys()];
  }

  isOpen(fd: number): boolean {
    return this.#holders.has(fd);
  }

  /** A child's copy of a descriptor; call what it returns when the child has ended. */
  inherit(fd: number): () => void {
    this.#holders.set(fd, (this.#holders.get(fd) ?? 0) + 1);
    let held = true;
    return () => {
      if (held) this.#drop(fd);
      held = false;
    };
  }

  /** A new descriptor, held once. For the program only. */
  open(): number {
    const fd = this.#nextFd++;
    this.#holders.set(fd, 1);
    return fd;
  }

  #drop(fd: number): void {
    const holders = this.#holders.get(fd) ?? 0;
    if (holders > 1) this.#holders.set(fd, holders - 1);
    else this.#holders.delete(fd);
  }
}
