/** Every command and reply of this run so far, as sent, per connection; the one that crosses now is marked and kept in sight. */
import { type ReactNode, useCallback, useRef, useState } from 'react';
import type { Line, Scene, Story } from '../../shared/story/story.ts';
import type { PublicWorld } from '../../shared/world/world.ts';
import { hostName } from '../caption/host-name.ts';
import { useInSight } from '../design/in-sight.ts';
import { Scroller } from '../design/Scroller.tsx';
import { linesOf } from '../player/navigate.ts';
import { hiddenFrom } from '../player/questions.ts';
import { goTo } from '../session/travel.ts';
import { usePlayer } from '../session/usePlayer.ts';
import { inspect } from '../session/view.ts';
import { LineBubble, overUdp } from './LineBubble.tsx';

/** More than this is shown on request only, so that a long run stays light. */
const SHOWN = 300;

function Separator({ world, line }: { readonly world: PublicWorld; readonly line: Line }): ReactNode {
  if (line.protocol === 'dns') {
    return (
      <h3 className="line-separator">
        DNS · {overUdp(line) ? 'UDP' : 'TCP'} {line.port}
      </h3>
    );
  }
  return (
    <h3 className="line-ends">
      <span>{hostName(world, line.client)}</span>
      <span className="sr-only"> to </span>
      <span>
        {line.server}:{line.port}
      </span>
    </h3>
  );
}

/** The connection whose heading stands above line `at`: asides do not end a conversation. */
function headingBefore(lines: readonly Line[], at: number, first: number): string | null {
  for (let index = at - 1; index >= first; index--) {
    const line = lines[index];
    if (line !== undefined && line.from !== 'aside') return line.protocol === 'dns' ? 'dns' : line.connection;
  }
  return null;
}

export function Conversation({ story, scene }: { readonly story: Story; readonly scene: Scene }): ReactNode {
  const [more, setMore] = useState(0);
  const list = useRef<HTMLElement>(null);
  const hidden = usePlayer(hiddenFrom);
  const inspected = usePlayer(state => (state.inspect?.kind === 'line' ? state.inspect.index : -1));

  const open = useCallback((line: Line): void => {
    goTo(line.shownAt, false);
    inspect({ kind: 'line', index: line.index });
  }, []);

  const current = scene.currentLine;
  useInSight(list, `[data-line="${current}"]`, current);

  const { from: begin, to: end } = scene.run === null ? { from: 0, to: 0 } : linesOf(story, scene.run);
  if (begin === end) {
    return (
      <p className="panel-empty">
        Here stands every line that crosses the wire, exactly as it was sent. Nothing has been said yet.
      </p>
    );
  }
  const told = Math.min(Math.max(begin, scene.lineCount), end);
  const first = Math.max(begin, told - SHOWN - more);
  // What will be said next stands there as a shadow, unless a question about it comes first; the next run's first line is no part of this one.
  const shadow = (story.lines[told]?.beat ?? hidden) < hidden ? 1 : 0;
  const shown = story.lines.slice(first, Math.min(told + shadow, end));
  return (
    <Scroller className="conversation" ref={list} label="Conversation as sent">
      {first > begin && (
        <button type="button" className="link" onClick={() => setMore(more + SHOWN)}>
          Show earlier lines ({first - begin})
        </button>
      )}
      {shown.map(line => {
        const heading = line.from === 'aside' ? null : line.protocol === 'dns' ? 'dns' : line.connection;
        const fresh = heading !== null && headingBefore(story.lines, line.index, first) !== heading;
        return (
          <div className="line-row" key={line.index}>
            {fresh && <Separator world={scene.state.world} line={line} />}
            <LineBubble
              line={line}
              now={line.index === current}
              ghost={line.index >= told}
              open={line.index === inspected}
              onOpen={open}
            />
          </div>
        );
      })}
    </Scroller>
  );
}
