/** React's window onto one who follows. */
import { useStore } from 'zustand';
import { type Following, following } from './follow.ts';

export const useFollowing = <T>(select: (state: Following) => T): T => useStore(following, select);
