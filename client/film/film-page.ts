import '../design/base.css';
import { spanOf } from '../../shared/story/span.ts';
import { storyTime } from '../../shared/story/story.ts';
import { createStoryteller } from '../../shared/story/storyteller.ts';
import { decodeTrace } from '../../shared/trace/codec.ts';
import { make } from './shoot.ts';

Object.assign(window, { createStoryteller, decodeTrace, storyTime, make, spanOf });
