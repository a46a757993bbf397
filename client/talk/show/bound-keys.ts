/** The keys of the page, of a stage that presents and of one who follows, each with what it does there. */

import { type Act, bindKeys } from '../../keys/listen-keys.ts';
import { pageActs } from '../../keys/page-acts.ts';
import { isOnPage, watchActs } from '../../keys/watch-acts.ts';
import type { ShowAct } from '../../player/keys.ts';
import { isOnStage, talkActs } from '../present/acts.ts';
import { openAudience, openSpeakerWindow, togglePoster } from './stage.ts';

const showActs: Readonly<Record<ShowAct, Act>> = {
  'speaker-window': openSpeakerWindow,
  audience: openAudience,
  poster: togglePoster,
};

export const pageKeys = bindKeys('page', { ...pageActs, ...showActs }, isOnPage);
export const talkKeys = bindKeys('talk', { ...talkActs, ...showActs }, isOnStage);
export const followerKeys = bindKeys('follower', watchActs, isOnPage);
