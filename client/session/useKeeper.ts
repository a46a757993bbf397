/** React's window onto the world of now. */
import { useStore } from 'zustand';
import { type Keeper, keeper } from './keeper.ts';

export const useKeeper = <T>(select: (state: Keeper) => T): T => useStore(keeper, select);
