/** The page of one who follows a show: the stage and what stands beside it, without anything that would change a world. */
import type { ReactNode } from 'react';
import type { Story } from '../../shared/story/story.ts';
import { Help } from '../keys/Help.tsx';
import { useTrail } from '../player/useTrail.ts';
import { LiveRegion } from '../session/LiveRegion.tsx';
import { usePlayer } from '../session/usePlayer.ts';
import { Telling } from '../stories/Telling.tsx';
import { FollowBar, FollowCover, FollowWaiting } from '../talk/audience/FollowBar.tsx';
import { Timeline } from '../timeline/Timeline.tsx';
import { Beside, Picture, useFootHeight } from './App.tsx';
import { useStageInSight } from './stage-in-sight.ts';
import './app.css';

function Words({ story }: { readonly story: Story }): ReactNode {
  const scene = useTrail(state => state.under);
  return scene === null ? null : <Telling story={story} scene={scene} />;
}

export function Audience(): ReactNode {
  const story = usePlayer(state => state.story);
  const drawn = usePlayer(state => state.scene !== null);
  const foot = useFootHeight();
  useStageInSight();
  if (story === null || !drawn) {
    return (
      <div className="page following">
        <FollowBar />
        <FollowWaiting />
      </div>
    );
  }
  return (
    <div className="page following">
      <FollowBar />
      <Picture story={story}>
        <Words story={story} />
      </Picture>
      <Beside story={story} />
      <div className="page-foot" ref={foot}>
        <Timeline />
      </div>
      <FollowCover />
      <LiveRegion />
      <Help on="follower" />
    </div>
  );
}
