/** As much of a document as Preact needs to show components: what they say can be read, and their events be sent. */
import { options, render, type ComponentChild } from 'preact';
import { vi } from 'vitest';

class Thing extends EventTarget {
  parentNode: Thing | null = null;
  readonly childNodes: Thing[] = [];
  readonly attributes: Record<string, unknown> = {};
  readonly style: Record<string, string> = {};
  value: unknown = '';
  disabled = false;

  constructor(readonly localName: string, public data = '') {
    super();
  }

  /** Nothing is drawn, and no text has a width. */
  getContext(): null { return null; }
  get ownerDocument(): unknown { return globalThis.document; }
  get nodeType(): number { return this.localName === '#text' ? 3 : 1; }
  get children(): Thing[] { return this.childNodes.filter(({ nodeType }) => nodeType === 1); }
  get firstChild(): Thing | null { return this.childNodes[0] ?? null; }
  get nextSibling(): Thing | null { return this.parentNode?.childNodes[this.parentNode.childNodes.indexOf(this) + 1] ?? null; }
  get textContent(): string { return this.localName === '#text' ? this.data : this.childNodes.map(({ textContent }) => textContent).join(''); }

  insertBefore(child: Thing, before: Thing | null): Thing {
    child.remove();
    child.parentNode = this;
    this.childNodes.splice(before ? this.childNodes.indexOf(before) : this.childNodes.length, 0, child);
    return child;
  }

  appendChild(child: Thing): Thing { return this.insertBefore(child, null); }
  removeChild(child: Thing): void { child.remove(); }

  remove(): void {
    this.parentNode?.childNodes.splice(this.parentNode.childNodes.indexOf(this), 1);
    this.parentNode = null;
  }

  setAttribute(name: string, value: unknown): void { this.attributes[name] = value; }
  removeAttribute(name: string): void { delete this.attributes[name]; }
  all(name: string): Thing[] { return this.childNodes.flatMap((child) => [...(child.localName === name ? [child] : []), ...child.all(name)]); }
}

export interface Shown {
  /** Elements of that name, in the order of the page. */
  all(name: string): Thing[];
  /** Types into a field. */
  type(field: Thing, value: string): void;
  show(what: ComponentChild): void;
  end(): void;
}

/** Shows it, and at once whatever changes in it; effects come a microtask later. Whoever calls it undoes `vi.unstubAllGlobals()` afterwards. */
export function shownHere(what: ComponentChild): Shown {
  const root = new Thing('body');
  const make = (name: string) => new Thing(name);
  const known = globalThis.document as object | undefined;
  vi.stubGlobal('document', Object.assign(known ?? new EventTarget(), {
    createElement: make, createElementNS: (_: string, name: string) => make(name), createTextNode: (data: string) => new Thing('#text', data), documentElement: new Thing('html'),
  }));
  vi.stubGlobal('ResizeObserver', class {
    observe(): void {}
    disconnect(): void {}
  });
  options.debounceRendering = (act) => act();
  options.requestAnimationFrame = queueMicrotask;
  const show = (one: ComponentChild): void => render(one, root as unknown as Element);
  show(what);
  return {
    all: (name) => root.all(name),
    type(field, value) {
      field.value = value;
      field.dispatchEvent(new Event('input'));
    },
    show, end: () => show(null),
  };
}
