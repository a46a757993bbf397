/** React as far as a figure uses it, on Preact: what the embed's build puts in place of `react`, `react-dom/client` and the JSX runtime. */
import { type ComponentChild, type ComponentType, createElement, Fragment, options, render } from 'preact';
import { useLayoutEffect, useReducer, useRef } from 'preact/hooks';

export { Component, createContext, createElement, createRef, Fragment } from 'preact';
export {
  useCallback,
  useContext,
  useEffect,
  useId,
  useImperativeHandle,
  useLayoutEffect,
  useMemo,
  useReducer,
  useRef,
  useState,
} from 'preact/hooks';

export const StrictMode = Fragment;

type Props = Record<string, unknown>;

/** As preact/jsx-runtime has it, by what is here already. */
export const jsx = (type: ComponentType<Props> | string, props: Props, key?: string | number) =>
  createElement(type, key === undefined ? props : { ...props, key });
export { jsx as jsxs };

const differ = (one: Props, other: Props): boolean => {
  const keys = Object.keys(one);
  return keys.length !== Object.keys(other).length || keys.some(key => !Object.is(one[key], other[key]));
};

interface Kept {
  readonly props: Props;
  shouldComponentUpdate?: (next: Props) => boolean;
}

/** Drawn anew only where a property is another one. */
export const memo = (inner: ComponentType<Props>) =>
  function Memo(this: Kept, props: Props): ComponentChild {
    this.shouldComponentUpdate = next => differ(this.props, next);
    return createElement(inner, props);
  };

export function useSyncExternalStore<Value>(subscribe: (changed: () => void) => () => void, read: () => Value): Value {
  const value = read();
  const shown = useRef(value);
  shown.current = value;
  const [, redraw] = useReducer((times: number) => times + 1, 0);
  useLayoutEffect(() => {
    const follow = (): void => {
      if (!Object.is(shown.current, read())) redraw(undefined);
    };
    follow();
    return subscribe(follow);
  }, [subscribe, read]);
  return value;
}

export const createRoot = (parent: Element | ShadowRoot) => ({
  render: (drawn: ComponentChild): void => render(drawn, parent),
  unmount: (): void => render(null, parent),
});

/** Attributes of SVG that React writes as one word and the document parts by a hyphen; and the one that has no capital there. */
const HYPHENED =
  /^(?:clip(?!PathU)|dominant|fill|flood|font|letter|marker(?!H|W|U)|paint|pointer|shape|stop|stroke|text(?!L)|vector|word)[A-Z]/;

const attribute = (name: string): string =>
  name === 'tabIndex' ? 'tabindex' : HYPHENED.test(name) ? name.replace(/[A-Z]/g, '-$&').toLowerCase() : name;

const before = options.vnode;
options.vnode = (node): void => {
  const props: Props = node.props;
  if (typeof node.type === 'string') {
    for (const name in props) {
      const written = attribute(name);
      if (written === name) continue;
      props[written] = props[name];
      delete props[name];
    }
  } else if (node.ref !== null && node.ref !== undefined && !('render' in (node.type.prototype ?? {}))) {
    // A function gets its `ref` as a property, as it does in React.
    props.ref = node.ref;
    node.ref = null;
  }
  before?.(node);
};
