/** Finds text that lies on text, in a real page: the one thing a look at five widths must never show. */
import type { Page } from 'playwright-core';

/** One sentence for each pair of texts whose boxes share more than a sliver. Runs inside the page. */
export const overlapsIn = (page: Page, root = 'body'): Promise<readonly string[]> =>
  page.evaluate(selector => {
    interface Box {
      readonly text: string;
      readonly owner: Element;
      readonly rect: DOMRect;
    }
    const boxes: Box[] = [];
    const scope = document.querySelector(selector) ?? document.body;
    const clip = (owner: Element, rect: DOMRect): DOMRect => {
      let { left, top, right, bottom } = rect;
      for (let node: Element | null = owner; node !== null; node = node.parentElement) {
        const { overflowX, overflowY } = getComputedStyle(node);
        if (overflowX === 'visible' && overflowY === 'visible') continue;
        const frame = node.getBoundingClientRect();
        left = Math.max(left, frame.left);
        top = Math.max(top, frame.top);
        right = Math.min(right, frame.right);
        bottom = Math.min(bottom, frame.bottom);
      }
      return new DOMRect(left, top, Math.max(0, right - left), Math.max(0, bottom - top));
    };
    const walker = document.createTreeWalker(scope, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      const owner = node.parentElement;
      const text = node.textContent?.trim() ?? '';
      if (owner === null || text === '' || owner.closest('.sr-only, option, script, style, title, noscript') !== null)
        continue;
      if (!owner.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      for (const rect of range.getClientRects()) {
        const seen = clip(owner, rect);
        if (seen.width > 1 && seen.height > 1) boxes.push({ text, owner, rect: seen });
      }
    }
    // What is laid over the page on purpose (sticky bars, sheets) covers what is under it: the topmost at a point wins.
    const covered = (box: Box): boolean => {
      const { left, top, width, height } = box.rect;
      const [x, y] = [left + width / 2, top + height / 2];
      if (x < 0 || y < 0 || x >= innerWidth || y >= innerHeight) return true;
      const bar = document.elementFromPoint(x, y)?.closest('.page-foot, .header, .inspector, dialog, .page-caption');
      return bar != null && !bar.contains(box.owner);
    };
    const seen = boxes.filter(box => !covered(box));
    const found: string[] = [];
    seen.forEach((one, index) => {
      for (const other of seen.slice(index + 1)) {
        if (one.owner === other.owner || one.owner.contains(other.owner) || other.owner.contains(one.owner)) continue;
        const across = Math.min(one.rect.right, other.rect.right) - Math.max(one.rect.left, other.rect.left);
        const down = Math.min(one.rect.bottom, other.rect.bottom) - Math.max(one.rect.top, other.rect.top);
        // The two lines of a postmark are tight on purpose, and turned, so that their boxes are larger than they.
        if (one.owner.closest('svg g') !== null && one.owner.parentElement === other.owner.parentElement) continue;
        // Line boxes are taller than their letters: a quarter of the lower one may be shared by two tight lines.
        const slack = Math.min(one.rect.height, other.rect.height) / 3;
        if (across > 3 && down > slack) found.push(`“${one.text}” lies on “${other.text}”`);
      }
    });
    return found;
  }, root);
