/** React's window onto the pictures that come after the stage's. */
import { useStore } from 'zustand';
import { type Trail, trail } from './trail.ts';

export const useTrail = <T>(select: (state: Trail) => T): T => useStore(trail, select);
