/** Values that move without a drawing, as far as a figure uses framer-motion: what the embed's build puts in its place. */

import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useMemo, useRef } from 'preact/hooks';

/** What can be read and followed. `root` is the value that it is made of, in the end: it moves when that one is set. */
export interface Value<T> {
  readonly root: Value<unknown>;
  get(): T;
  on(event: 'change', listener: (value: T) => void): () => void;
}

export function motionValue<T>(initial: T): Value<T> & { set(value: T): void } {
  let value = initial;
  const listeners = new Set<(value: T) => void>();
  const made = {
    get root() {
      return made;
    },
    get: () => value,
    set(next: T): void {
      if (Object.is(next, value)) return;
      value = next;
      for (const listener of listeners) listener(next);
    },
    on(_event: 'change', listener: (value: T) => void) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
  return made;
}

/** Follows `source` lazily: worked out when it is asked for, and once for each value of `source`. */
export function useTransform<From, To>(source: Value<From>, make: (value: From) => To): Value<To> {
  const current = useRef(make);
  current.current = make;
  return useMemo(() => {
    let known: { readonly from: From; readonly make: (value: From) => To; readonly to: To } | null = null;
    const get = (): To => {
      const from = source.get();
      if (known === null || known.make !== current.current || !Object.is(known.from, from))
        known = { from, make: current.current, to: current.current(from) };
      return known.to;
    };
    return { root: source.root, get, on: (event, listener) => source.on(event, () => listener(get())) };
  }, [source]);
}

export function useMotionValueEvent<T>(value: Value<T>, event: 'change', listener: (value: T) => void): void {
  useLayoutEffect(() => value.on(event, listener), [value, event, listener]);
}

export const domAnimation = {};
export const LazyMotion = ({ children }: { readonly children: ComponentChildren }): ComponentChildren => children;
