/** Elements that moving values carry, set as framer-motion sets them: one `transform` and an opacity, by the style object. */
import { type ComponentChild, type ComponentChildren, createElement } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Value } from './motion.ts';

type Style = Readonly<Record<string, Value<number> | number | string>>;

interface MovedProps {
  readonly style?: Style;
  readonly children?: ComponentChildren;
  readonly [attribute: string]: unknown;
}

/** In the order in which they are applied. */
const TRANSFORMS = [
  ['x', 'translateX', 'px', 0],
  ['y', 'translateY', 'px', 0],
  ['scale', 'scale', '', 1],
  ['rotate', 'rotate', 'deg', 0],
] as const;

const now = (value: Style[string] | undefined) => (typeof value === 'object' ? value.get() : value);

function put(style: CSSStyleDeclaration, values: Style): void {
  let transform = '';
  for (const [name, written, unit, rest] of TRANSFORMS) {
    const value = now(values[name]);
    if (value !== undefined && value !== rest) transform += `${written}(${value}${unit}) `;
  }
  style.transform = transform.trim() || 'none';
  const opacity = now(values.opacity);
  if (opacity !== undefined) style.opacity = `${opacity}`;
}

const moved = (tag: 'div' | 'g') =>
  function Moved({ style = {}, ...rest }: MovedProps): ComponentChild {
    const ref = useRef<HTMLElement | SVGElement>(null);
    useLayoutEffect(() => {
      const element = ref.current;
      if (element === null) return;
      const { originX = 0.5, originY = 0.5, transformBox } = style;
      element.style.transformOrigin = `${Number(originX) * 100}% ${Number(originY) * 100}% 0px`;
      if (tag === 'g') element.style.transformBox = `${transformBox ?? 'fill-box'}`;
      const draw = (): void => put(element.style, style);
      draw();
      const roots = new Set(Object.values(style).flatMap(value => (typeof value === 'object' ? [value.root] : [])));
      const ends = [...roots].map(root => root.on('change', draw));
      return () => {
        for (const end of ends) end();
      };
    });
    return createElement(tag, { ...rest, ref });
  };

export const div = moved('div');
export const g = moved('g');
