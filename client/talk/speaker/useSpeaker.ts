/** React's window onto what the speaker's window knows. */
import { useStore } from 'zustand';
import { type Speaker, speaker } from './speaker.ts';

export const useSpeaker = <T>(select: (state: Speaker) => T): T => useStore(speaker, select);
